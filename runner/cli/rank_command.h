// What `sweepd run` is in a rank other than 0: workers for rank 0's coordinator.
#pragma once

#include "runner/cli/requests.h"
#include "runner/platform/unique_fd.h"
#include "workers/start/ranks/launch.h"

namespace sweepd {

/// Returns the exit status. Says nothing on standard error that rank 0 says.
int rank_command(UniqueFd socket, const Launch& launch, const RunRequest& request);

}  // namespace sweepd
