// How a job that has ended before its sweep goes on.
#pragma once

#include <functional>

#include "runner/cli/batch_job.h"
#include "runner/cli/requests.h"

namespace sweepd {

/// Puts the job back into the queue or submits it again, as the sweep file has it (`how`); says what it does.
/// `terminations`: how often this process has been told to end, which Slurm does when it puts a job back.
/// Fails where that is refused or cannot be meant.
Result<void> start_next(BatchJob& batch, Continue how, const RunRequest& request,
                        const std::function<int()>& terminations);

}  // namespace sweepd
