// LauncherSettings: what mpirun, mpiexec and srun find in the environment of a point's command, so that what
// they start stays on the worker's cores and node. Left alone they take the whole job for theirs: Hydra and
// Open MPI start their helpers by srun, which waits for cores that the run itself holds, and bind their first
// rank to the machine's first core whatever the affinity says. Text in, text out.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/cpu_set.h"

namespace sweepd {

/// The value of a variable that the command would find; empty where it is not set.
using VariableValue = std::function<std::string_view(std::string_view name)>;

/// `NAME=value` for MPICH's Hydra, Open MPI and PRRTE (Open MPI 5): no node but this one, no core of their
/// own choice. What the user has set, or set otherwise by another variable, is left out.
std::vector<std::string> mpi_settings(const VariableValue& user);

/// What a Slurm job's variables say for one worker: a job of one task on its node with its processors,
/// whatever the whole job has. srun's tasks share the cores and the memory with all other steps (--overlap)
/// and are bound to `cpus` (none: unbound).
struct JobPart {
  std::vector<std::string> values;         ///< NAME=value; they win over what Slurm has set
  std::vector<std::string_view> left_out;  ///< names that tell of the whole job
  std::vector<std::string> unless_set;     ///< NAME=value, where the user has not set NAME
  std::string node;
  bool needs_host_file =
      false;  ///< the job has other nodes: srun has to be told this one, see host_file_text()
};

/// Empty outside of a job, and where its node is not known (a shell of salloc).
JobPart job_part(const VariableValue& user, const CpuSet& cpus);

/// The text of a file for SLURM_HOSTFILE, the only variable by which srun takes its node: a line for each of
/// the most tasks that there may be.
std::string host_file_text(std::string_view node);

}  // namespace sweepd
