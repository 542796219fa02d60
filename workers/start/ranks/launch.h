// Launch: whether this process is one of several ranks that an MPI launcher started, as the environment says.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "runner/core/error.h"

namespace sweepd {

/// One of `ranks` processes, started together.
struct Launch {
  uint32_t rank = 0;
  uint32_t ranks = 1;
};

struct LaunchFacts {
  /// The value of an environment variable; a null pointer where it is not set.
  std::function<const char*(const char*)> variable;
  /// Whether a number is that of an open descriptor.
  std::function<bool(int)> is_open;
  /// The task of a step that srun started, as far as that is certain: not where mpirun used srun to come
  /// here.
  std::optional<Launch> step;
};

/// Reads PMI_RANK and PMI_SIZE (MPICH's hydra, and srun --mpi=pmi2), believed only where the descriptor
/// PMI_FD that comes with them is open or PMI_PORT says where to call: a job submitted from within another
/// inherits the variables, but not those. Else OMPI_COMM_WORLD_RANK and OMPI_COMM_WORLD_SIZE (Open MPI), or
/// PMIX_RANK with the number of the step's tasks. None where this process was started once. Fails for one of
/// several tasks of srun's that were given no way to find each other.
Result<std::optional<Launch>> find_launch(const LaunchFacts& facts);

/// That of this process.
LaunchFacts launch_facts(std::optional<Launch> step);

}  // namespace sweepd
