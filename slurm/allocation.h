// Allocation: what Slurm granted to the job this process belongs to, as the environment tells it. Knows
// neither clocks nor the controller, and nothing of cores that the system itself lets this process use.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"
#include "slurm/enclosing_step.h"
#include "slurm/job_record.h"

namespace sweepd {

struct GrantedNode {
  std::string name;
  uint32_t cpus = 0;  ///< processors as Slurm counts them (cores or hardware threads); 0: not known
  friend bool operator==(const GrantedNode&, const GrantedNode&) = default;
};

/// Where in the job this process is.
enum class Place {
  /// Outside of the granted nodes, as far as is known: a shell of salloc on a login node, or one that has
  /// outlived its job. What was granted is reached by srun only.
  shell,
  /// The batch script, or the shell of an interactive allocation on its first node.
  batch,
  /// A task that srun started, or a descendant of one: mpirun starts its ranks by srun too.
  step,
};

/// A step: one call of srun within the job.
struct Step {
  uint32_t id = 0;
  uint32_t tasks = 1;                    ///< of the whole step
  uint32_t rank = 0;                     ///< this task's, from 0
  uint32_t local_rank = 0;               ///< the same among those on this node
  std::vector<std::string> nodes;        ///< the step's, which may be fewer than the job's
  std::vector<uint32_t> tasks_per_node;  ///< in the order of `nodes`; empty where not known
};

struct Allocation {
  uint32_t job = 0;
  /// As the variables say; a job that was submitted from within an array's may have inherited them, so that
  /// only the controller (controller.h) knows for sure.
  std::optional<ArrayTask> array;
  std::vector<GrantedNode> nodes;        ///< never empty
  std::optional<uint32_t> tasks;         ///< that were asked for; none within a step
  std::vector<uint32_t> tasks_per_node;  ///< in the order of `nodes`; empty within a step, or where not known
  std::optional<uint32_t> cpus_per_task;        ///< where it was asked for
  std::optional<uint32_t> cpus_on_node;         ///< of this step (or batch script), on this node
  std::optional<uint64_t> memory_per_cpu_mib;   ///< where limited
  std::optional<uint64_t> memory_per_node_mib;  ///< where limited
  uint32_t restarts = 0;
  uint32_t components = 1;  ///< of a heterogeneous job: all of the above is of the first
  std::string submit_folder;
  Place place = Place::shell;
  std::string node;                 ///< the one of `nodes` this process is on; empty in Place::shell
  std::optional<Step> step;         ///< in Place::step
  std::optional<int64_t> end_time;  ///< seconds since 1970 (Slurm 23.02 or later)

  uint64_t cpus() const;
};

/// The value of an environment variable; a null pointer where it is not set.
using Variables = std::function<const char*(const char*)>;

/// What the environment says, corrected by what `enclosing` proves of where this process is. None outside of
/// a job: where there is no job number or no node list. Variables that are empty are taken as not set. A
/// value that is malformed, or counts that do not fit the nodes, is an error that names the variable.
Result<std::optional<Allocation>> read_allocation(const Variables& variable,
                                                  const std::optional<StepName>& enclosing = std::nullopt);

/// Hydra's ranks have their launcher's variables, also on other nodes: where the name of the host is that of
/// a granted node, this one is meant.
void name_node(Allocation& allocation, std::string_view host);

/// The job this process is in, or has been given by salloc; none outside of one, where nothing else is looked
/// at. Read from the environment, where the node's name (SLURMD_NODENAME) is put right for what is started
/// from here; nobody is asked. Fails as read_allocation() does.
Result<std::optional<Allocation>> find_allocation();

}  // namespace sweepd
