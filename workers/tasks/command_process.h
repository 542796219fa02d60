// One run of a command: its process from start to end, what it prints, and how long it may take. Knows
// nothing of points, templates or records.
#pragma once

#include <optional>

#include "runner/core/sweep.h"
#include "runner/platform/child_process.h"
#include "workers/tasks/capture.h"

namespace sweepd {

/// How long a command may run, and how long it then has between SIGTERM and SIGKILL.
struct CommandLimits {
  std::optional<Duration> timeout;
  Duration grace;
};

struct CommandEnd {
  ChildEnd child;
  bool timed_out = false;
};

/// Runs the command `spec` (whose out_fd and err_fd are set here) and waits for its end. Its
/// standard error is added to `err` and its standard output to `out`; where `out` is null, that goes
/// to `null_fd` (/dev/null).
///
/// The end is that of the command's own process: what it left in the background may live on, but is no
/// longer listened to. After `timeout` the whole process group gets SIGTERM, and SIGKILL once `grace` is
/// over, or once the command has ended and no process holds its output any more. Fails where the command
/// could not be started.
Result<CommandEnd> run_command(ChildSpec spec, const CommandLimits& limits, int null_fd, Capture* out,
                               Capture& err);

}  // namespace sweepd
