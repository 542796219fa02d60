#include "workers/tasks/supervision/interruption.h"

#include <csignal>
#include <cstdlib>

#include "runner/platform/clock.h"

namespace sweepd {
namespace {

// Whoever signals all processes one by one may come to a command this much before its worker, or after it.
constexpr Duration signal_spread = std::chrono::milliseconds(100);

// The signal that ended it, or one of what it had started, as shells and launchers tell; 0: none.
int deadly_signal(const ChildEnd& child) {
  if (child.by_signal()) return child.signal();
  constexpr int by_signal = 128;
  return child.exit_code() > by_signal ? child.exit_code() - by_signal : 0;
}

}  // namespace

Interruption::Interruption() : in_slurm_job_(getenv("SLURM_JOB_ID") != nullptr) {}

void Interruption::begin() {
  signals_.look();
  began_ns_ = monotonic_ns();
}

bool Interruption::came_to(const ProcessEnd& end, bool failed, const PointContext& context) {
  signals_.look();
  if (!failed) return in_slurm_job_ && signals_.came(SIGTERM, began_ns_);
  if (end.by != EndedBy::itself) return false;
  const int64_t since_ns = began_ns_ - signal_spread.count();
  if (signals_.any_came(since_ns)) return true;
  // Who kills all processes may be about to kill this one, before it tells of a failure.
  const int number = deadly_signal(end.child);
  return (is_stop_signal(number) || number == SIGKILL) && others_stop_too(since_ns, context);
}

bool Interruption::others_stop_too(int64_t since_ns, const PointContext& context) {
  constexpr Duration slice = std::chrono::milliseconds(10);
  for (Duration waited{}; waited < signal_spread; waited += slice) {
    signals_.look(slice);
    if (signals_.any_came(since_ns) || is_stopping(context)) return true;
  }
  return false;
}

}  // namespace sweepd
