// Geometric interpolation between two numbers of one sign.
#pragma once

#include <cstdint>

namespace sweepd {

/// low * (high / low)^t for fractions t. Both numbers are finite, not 0, and of one sign.
class Geometric {
 public:
  Geometric(double low, double high);
  /// t = numerator / denominator, in [0, 1].
  double at(uint64_t numerator, uint64_t denominator) const;
  /// The logarithm to base 2 of high / low.
  double log2_ratio() const { return static_cast<double>(log2_ratio_); }

 private:
  double low_;
  long double log2_ratio_;
};

}  // namespace sweepd
