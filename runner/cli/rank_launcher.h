// Becoming the launcher of a job's ranks, in its batch script.
#pragma once

#include "runner/cli/requests.h"
#include "runner/core/error.h"
#include "runner/core/sweep.h"
#include "slurm/allocation.h"

namespace sweepd {

/// Whether this job's batch script has ranks do the work; a sweep whose start method is fork or spawn has
/// none, which is said where nodes are left out.
bool launches_ranks(const Allocation& allocation, const Sweep& sweep);

/// This process becomes srun or mpirun, which run the same command as several ranks. Returns only where that
/// fails.
Error launch_ranks(const Allocation& allocation, const Sweep& sweep, const RunRequest& request);

}  // namespace sweepd
