// From a request to a sweep that can be run: the file with the command line's wishes, and workers
// with their cores.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/cli/launched_ranks.h"
#include "runner/cli/requests.h"
#include "runner/core/code.h"
#include "runner/core/core_plan.h"
#include "runner/core/cpu_topology.h"
#include "runner/core/granted_cores.h"
#include "runner/core/sweep.h"
#include "slurm/process_grant.h"
#include "workers/start/starter.h"

namespace sweepd {

/// Absolute path of the sweep directory: --output from the current folder, output.dir from the sweep file's.
std::string sweep_directory_path(const Sweep& sweep, const RunRequest& request);

/// Who works where.
struct Crew {
  CpuTopology topology;
  CpuSet allowed;
  std::optional<ProcessGrant> grant;  ///< in a Slurm job
  GrantedCores cores;
  CorePlan plan;
  std::vector<Post> posts;
  StartMethod method = StartMethod::fork;
};

/// load_sweep(); where the file may be a list of commands instead, the error says how one is run.
tl::expected<Sweep, std::vector<Error>> load_requested_file(const std::string& file);

/// All that can be known to be wrong before the first point runs, beside the file itself:
/// the command's program.
Result<void> check_task(const Sweep& sweep);

/// All that is wrong with the files that the task reads, by its inputs. Unlike the program they are looked
/// for where the sweep file is checked, as files of points are.
std::vector<Error> input_errors(const Sweep& sweep);

/// The files that the task is made of, hashed but for those that `known` has as they are; none of a kernel.
std::vector<CodeFile> code_of(const Sweep& sweep, const std::vector<Code>& known);

/// A sweep that can be run here.
struct Job {
  Sweep sweep;
  Crew crew;
};

/// Loads the file, lets the command line win over it and checks the task. Says on standard error what is
/// wrong, and then returns none.
std::optional<Sweep> prepare_sweep(const RunRequest& request);

/// Plans workers for it within what this process may use and was granted, or what is its part of that where
/// there are `ranks`. Says on standard error what is wrong, and then returns none; also for no sweep.
std::optional<Job> prepare_job(std::optional<Sweep> sweep, LaunchedRanks* ranks = nullptr,
                               bool quiet = false);

/// The command line wins over the file.
void override_by(const RunRequest& request, Sweep& sweep);

/// The workers of one rank, within `cpus` and the grant; of a run that was not launched as several, all.
/// Fails on more workers (or a larger gang) than there are cores, or were granted. `ranks_here` share the
/// node.
Result<Crew> plan_crew(const Sweep& sweep, CpuTopology topology, const CpuSet& cpus,
                       std::optional<Launch> launch, uint32_t ranks_here = 1);

/// Shares the granted memory out to the crew's workers, and warns, unless `quiet`, of what the grant and the
/// request make of each other.
void heed_grant(const Sweep& sweep, Crew& crew, bool quiet);

/// Of each worker.
std::vector<CpuSet> cpus_of(const std::vector<Post>& posts);

}  // namespace sweepd
