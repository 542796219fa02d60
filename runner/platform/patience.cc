#include "runner/platform/patience.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cstdio>

namespace sweepd {

bool Patience::wait() {
  constexpr int64_t longest_ms = 640;
  if (waited_ms_ + pause_ms_ > all_ms_) return false;
  const int cause = errno;
  const timespec pause{0, pause_ms_ * 1'000'000};
  nanosleep(&pause, nullptr);  // one that a signal ends is short, no more
  errno = cause;
  waited_ms_ += pause_ms_;
  pause_ms_ = std::min(2 * pause_ms_, longest_ms);
  return true;
}

int rename_patiently(const std::string& from, const std::string& to) {
  const auto is_there = [&from] {
    struct stat status {};
    return lstat(from.c_str(), &status) == 0;
  };
  for (Patience patience;;) {
    if (rename(from.c_str(), to.c_str()) == 0) return 0;
    const int cause = errno;
    const bool is_passing = cause == ESTALE || (cause == ENOENT && is_there());
    errno = cause;
    if (!is_passing || !patience.wait()) return -1;
  }
}

void forget_listing(const std::string& folder) { utimensat(AT_FDCWD, folder.c_str(), nullptr, 0); }

}  // namespace sweepd
