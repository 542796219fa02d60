// PointTimes: how long points take, as counts on a logarithmic scale. Small enough to travel with every
// chunk's report, exact enough to say whether one more point would end in time.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "runner/core/sweep.h"

namespace sweepd {

/// Times from a microsecond to years, in steps of a quarter of an octave: a quantile is at most 25 % too
/// large.
class PointTimes {
 public:
  void add(Duration time) { ++counts_[step_of(static_cast<uint64_t>(std::max<int64_t>(time.count(), 0)))]; }
  void add(const PointTimes& others);

  uint64_t count() const;
  /// A time that the share `q` (0 to 1) of the points did not exceed; none where there are no points.
  std::optional<Duration> quantile(double q) const;

 private:
  static constexpr size_t octaves = 40;  // from 2^10 ns on: to 2^50 ns, 13 days
  static constexpr size_t first_octave = 10;
  static constexpr size_t steps = 4 * octaves;

  /// The octave, and the two bits behind its leading one.
  static size_t step_of(uint64_t ns) {
    const auto octave = static_cast<size_t>(std::bit_width(ns | 1)) - 1;
    if (octave < first_octave) return 0;
    const size_t step = 4 * (octave - first_octave) + ((ns >> (octave - 2)) & 3);
    return std::min(step, steps - 1);
  }
  static Duration end_of(size_t step);

  std::array<uint64_t, steps> counts_{};
};

}  // namespace sweepd
