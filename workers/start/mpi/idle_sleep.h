// How a process that waits for MPI sleeps: MPI's own waiting spins, which would take the core from a worker.
#pragma once

#include <poll.h>
#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <cstdint>

namespace sweepd {

/// Sleeps for a quarter of the time that nothing has come for, so that an answer that comes soon is taken
/// soon, from 20 us to `longest_ns`. A look costs up to 40 us where the core has been idle.
class IdleSleep {
 public:
  explicit IdleSleep(int64_t longest_ns) : longest_ns_(longest_ns) {
    // Else sleeps of some microseconds would take 50 more.
    prctl(PR_SET_TIMERSLACK, 1000UL);
  }

  void note_news() { last_news_ns_ = now_ns(); }

  /// Ends early where `polled` is ready.
  void sleep(pollfd* polled, nfds_t count) const {
    const int64_t sleep_ns = std::clamp((now_ns() - last_news_ns_) / 4, shortest_ns, longest_ns_);
    const timespec limit{0, static_cast<long>(sleep_ns)};
    ppoll(polled, count, &limit, nullptr);
  }

  /// CLOCK_MONOTONIC.
  static int64_t now_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000 + now.tv_nsec;
  }

 private:
  static constexpr int64_t shortest_ns = 20'000;

  int64_t longest_ns_;
  int64_t last_news_ns_ = now_ns();
};

}  // namespace sweepd
