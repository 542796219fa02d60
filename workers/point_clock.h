// PointClock: what a point cost, without a system call for short points.
#pragma once

#include <cstdint>

#include "runner/core/record.h"
#include "workers/tasks/task.h"

namespace sweepd {

/// Points follow each other, so the end of one is the start of the next: one clock read a point.
/// Processor time and peak memory cost system calls, so they are measured only where a point took at
/// least `worth_measuring`; a shorter point of a kernel has its wall time as processor time, for a
/// kernel never waits.
class PointClock {
 public:
  static constexpr int64_t worth_measuring_ns = 1'000'000;

  /// Reads all clocks.
  void start();
  /// The next attempt begins now rather than at the end of the last one (after a pause).
  void skip();
  /// Ends the attempt that began with start(), skip() or the last end(); fills elapsed_s, cpu_s, max_rss_mib
  /// and started_us.
  void end(const Outcome& outcome, RunFacts& run);

  int64_t now_ns() const { return now_ns_; }  ///< CLOCK_MONOTONIC at the last reading
  int64_t cpu_ns() const { return cpu_ns_; }  ///< summed over the attempts since start()
  double max_rss_mib() const { return max_rss_mib_; }

 private:
  double measured_cpu_s(int64_t elapsed_ns);

  int64_t now_ns_ = 0;
  int64_t realtime_offset_ns_ = 0;  // CLOCK_REALTIME - CLOCK_MONOTONIC
  int64_t cpu_mark_ns_ = 0;         // process time at the last measurement
  int64_t unmeasured_ns_ = 0;       // wall time of the short points since
  int64_t cpu_ns_ = 0;
  double own_rss_mib_ = 0;
  double max_rss_mib_ = 0;
};

}  // namespace sweepd
