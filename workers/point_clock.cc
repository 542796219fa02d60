#include "workers/point_clock.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>

#include "runner/platform/clock.h"

namespace sweepd {
namespace {

double own_peak_rss_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

}  // namespace

void PointClock::start() {
  now_ns_ = monotonic_ns();
  realtime_offset_ns_ = nanoseconds(CLOCK_REALTIME) - now_ns_;
  cpu_mark_ns_ = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
  unmeasured_ns_ = 0;
  cpu_ns_ = 0;
  own_rss_mib_ = own_peak_rss_mib();
}

void PointClock::skip() { now_ns_ = monotonic_ns(); }

double PointClock::measured_cpu_s(int64_t elapsed_ns) {
  if (elapsed_ns < worth_measuring_ns) {
    unmeasured_ns_ += elapsed_ns;
    return static_cast<double>(elapsed_ns) * 1e-9;
  }
  const int64_t cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
  const int64_t spent = std::clamp<int64_t>(cpu - cpu_mark_ns_ - unmeasured_ns_, 0, elapsed_ns);
  cpu_mark_ns_ = cpu;
  unmeasured_ns_ = 0;
  own_rss_mib_ = own_peak_rss_mib();
  return static_cast<double>(spent) * 1e-9;
}

void PointClock::end(const Outcome& outcome, RunFacts& run) {
  const int64_t began_ns = now_ns_;
  now_ns_ = monotonic_ns();
  run.started_us = (began_ns + realtime_offset_ns_) / 1000;
  run.elapsed_s = static_cast<double>(now_ns_ - began_ns) * 1e-9;
  run.cpu_s = outcome.cpu_s ? *outcome.cpu_s : measured_cpu_s(now_ns_ - began_ns);
  run.max_rss_mib = outcome.max_rss_mib.value_or(own_rss_mib_);
  cpu_ns_ += std::llround(run.cpu_s * 1e9);
  max_rss_mib_ = std::max(max_rss_mib_, run.max_rss_mib);
}

}  // namespace sweepd
