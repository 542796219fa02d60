// HeldSignals: which of the signals that ask to stop came to this process, and when, for those whom others
// tell when to stop. A batch system or a machine that shuts down signals every process at once: who finds a
// child dead of such a signal learns here whether it was one of those.
#pragma once

#include <signal.h>

#include <array>
#include <chrono>
#include <cstdint>

namespace sweepd {

/// While it lives, SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 and SIGQUIT do nothing to this thread but be
/// noticed by look(), also where sweepd ignores them: Linux keeps a signal that is blocked. Those that its
/// parent had ignored or blocked ask for nothing. One at a time.
class HeldSignals {
 public:
  HeldSignals();
  ~HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  /// Notices what has come since the last look; where that is nothing, waits for it at most this long.
  void look(std::chrono::nanoseconds patience = std::chrono::nanoseconds::zero());

  /// Whether this one, or any, was noticed at `since_ns` (CLOCK_MONOTONIC) or later.
  bool came(int number, int64_t since_ns) const;
  bool any_came(int64_t since_ns) const;

 private:
  sigset_t held_{};
  sigset_t mask_before_{};
  std::array<int64_t, 32> noticed_ns_{};  // by number; 0: never
};

/// Whether it is one of those that ask a process to stop.
bool is_stop_signal(int number);

}  // namespace sweepd
