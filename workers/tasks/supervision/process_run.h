// One run of a command: its processes from start to end, what they print, how long they may take and how much
// memory they may use. Knows nothing of points, templates or records.
#pragma once

#include <optional>

#include "runner/core/sweep.h"
#include "runner/platform/child_process.h"
#include "workers/tasks/supervision/capture.h"

namespace sweepd {

struct ProcessLimits {
  std::optional<Duration> timeout;       ///< time in which this process is stopped does not count
  Duration grace;                        ///< between SIGTERM and SIGKILL, after the timeout
  std::optional<uint64_t> memory_bytes;  ///< of all its processes together; see MemoryWatch
  bool memory_is_of_job = false;         ///< the worker's share, where the sweep file has no limit
};

/// What made a command end.
enum class EndedBy { itself, timeout, memory };

struct ProcessEnd {
  /// Where there is a memory limit, max_rss_mib is at least what all its processes used together.
  ChildEnd child;
  EndedBy by = EndedBy::itself;
};

/// Runs the command `spec` (whose out_fd and err_fd are set here) and waits for its end. Its standard output
/// is added to `out` and its standard error to `err`.
///
/// A command is over when its own process is: what that left in the background is no longer listened to and
/// is killed, daemons in sessions of their own included. For this the calling process has called
/// adopt_orphans() and has no children but the command. After the timeout all its processes get SIGTERM, and
/// SIGKILL once `grace` is over, or once the command has ended and no process holds its output any more. Over
/// its memory limit all get SIGKILL at once. Fails where the command could not be started, with a shortage if
/// it is worth trying again.
Result<ProcessEnd> run_process(ChildSpec spec, const ProcessLimits& limits, Capture& out, Capture& err);

}  // namespace sweepd
