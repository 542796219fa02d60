// Reading the clocks, cheaply enough to do it for every point.
#pragma once

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace sweepd {

inline int64_t nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

inline int64_t nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return nanoseconds(now);
}

inline int64_t monotonic_ns() { return nanoseconds(CLOCK_MONOTONIC); }

/// As poll(2)'s likes take it; what is below zero is no time.
inline timespec as_timespec(std::chrono::nanoseconds duration) {
  constexpr int64_t billion = 1'000'000'000;
  const int64_t count = std::max<int64_t>(duration.count(), 0);
  return {.tv_sec = count / billion, .tv_nsec = count % billion};
}

}  // namespace sweepd
