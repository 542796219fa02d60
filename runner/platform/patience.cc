#include "runner/platform/patience.h"

#include <time.h>

#include <algorithm>

namespace sweepd {

bool Patience::wait() {
  constexpr int64_t longest_ms = 640, all_ms = 2000;
  if (waited_ms_ + pause_ms_ > all_ms) return false;
  const int cause = errno;
  const timespec pause{0, pause_ms_ * 1'000'000};
  nanosleep(&pause, nullptr);  // one that a signal ends is short, no more
  errno = cause;
  waited_ms_ += pause_ms_;
  pause_ms_ = std::min(2 * pause_ms_, longest_ms);
  return true;
}

}  // namespace sweepd
