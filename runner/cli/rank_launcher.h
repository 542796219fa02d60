// Starting the ranks of a job, in its batch script or in a shell of salloc.
#pragma once

#include "runner/cli/requests.h"
#include "runner/core/error.h"
#include "runner/core/sweep.h"
#include "slurm/allocation.h"
#include "slurm/rank_start.h"

namespace sweepd {

/// Whether ranks do the work; in the batch script of a sweep whose start method is fork or spawn none do,
/// which is said where nodes are left out.
bool launches_ranks(const Allocation& allocation, const Sweep& sweep);

/// srun or mpirun, which run the same command as several ranks, or as one from a shell. Fails where that
/// cannot be: there is no MPI, or no mpirun.
Result<RankStart> plan_launch(const Allocation& allocation, const Sweep& sweep, const RunRequest& request);

struct LaunchEnd {
  int status = 0;           ///< the launcher's exit status, 128 + N where it was killed by signal N
  bool terminated = false;  ///< this process was asked to end
};

/// Starts it and waits for its end. Signals that ask to stop are passed on.
Result<LaunchEnd> launch(const RankStart& start);

}  // namespace sweepd
