// Reading the clocks, cheaply enough to do it for every point.
#pragma once

#include <time.h>

#include <cstdint>

namespace sweepd {

inline int64_t nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

inline int64_t monotonic_ns() { return nanoseconds(CLOCK_MONOTONIC); }

}  // namespace sweepd
