// Interruption: whether a process that worked on a point was ended from outside together with the sweep: then
// its end says nothing of the point.
#pragma once

#include <cstdint>

#include "runner/platform/held_signals.h"
#include "workers/tasks/supervision/process_run.h"
#include "workers/tasks/task.h"

namespace sweepd {

/// A process that a signal to stop ended was interrupted where that came to this process as well (which takes
/// up to a tenth of a second to see), or where the sweep is being stopped. In a Slurm job, which signals
/// every process at once, a success does not count either after SIGTERM: programs that catch it may end well
/// before they are done.
///
/// While it lives, signals to stop are held back from this process.
class Interruption {
 public:
  Interruption();

  /// Before the process is started.
  void begin();
  /// `failed`: by the verdict.
  bool came_to(const ProcessEnd& end, bool failed, const PointContext& context);

 private:
  bool others_stop_too(int64_t since_ns, const PointContext& context);

  HeldSignals signals_;
  const bool in_slurm_job_;
  int64_t began_ns_ = 0;
};

/// Whether the sweep is being stopped.
inline bool is_stopping(const PointContext& context) {
  return context.pulse != nullptr && context.pulse->is_stopping();
}

}  // namespace sweepd
