// The part of a job's batch script, or of a shell of salloc, in a run whose work is done by ranks on the
// job's nodes.
#pragma once

#include "runner/cli/batch_job.h"
#include "runner/cli/requests.h"
#include "runner/core/sweep.h"

namespace sweepd {

/// Starts the ranks, waits for their end, and has the job go on where the one that runs the sweep was lost;
/// returns the exit status.
int run_by_ranks(BatchJob& batch, Sweep sweep, const RunRequest& request);

}  // namespace sweepd
