#include "runner/core/point_times.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sweepd {

void PointTimes::add(const PointTimes& others) {
  for (size_t step = 0; step < steps; ++step) counts_[step] += others.counts_[step];
}

uint64_t PointTimes::count() const { return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0}); }

/// The smallest time that is longer than those of a step.
Duration PointTimes::end_of(size_t step) {
  const uint64_t quarters = 4 + step % 4 + 1;
  return Duration(static_cast<int64_t>((quarters << (first_octave + step / 4)) / 4));
}

std::optional<Duration> PointTimes::quantile(double q) const {
  const uint64_t total = count();
  if (total == 0) return std::nullopt;
  const auto wanted = std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(q * static_cast<double>(total))));
  uint64_t seen = 0;
  for (size_t step = 0; step < steps; ++step) {
    seen += counts_[step];
    if (seen >= wanted) return end_of(step);
  }
  return end_of(steps - 1);
}

}  // namespace sweepd
