// Geometric interpolation between two numbers of one sign. The results are a part of points and so of their
// ids; the functions of the C library differ in the last digit between processors and versions, so this is
// built from basic arithmetic alone, which IEEE 754 defines to the last bit.
#pragma once

#include <cstdint>

namespace sweepd {

/// The unevaluated sum of two doubles, the second below half a unit in the last place of the first:
/// about 106 bits. Sums and products after Dekker 1971, "A floating-point technique for extending
/// the available precision".
struct DoubleDouble {
  double high = 0, low = 0;
};

/// low * (high / low)^t for fractions t. Both numbers are finite, not 0, and of one sign.
class Geometric {
 public:
  Geometric(double low, double high);
  /// t = numerator / denominator, in [0, 1], both at most 2^53. Correctly rounded but for one case in some
  /// ten thousand, where it is the neighbour.
  double at(uint64_t numerator, uint64_t denominator) const;
  /// The logarithm to base 2 of high / low.
  double log2_ratio() const { return log2_ratio_.high; }

 private:
  double mantissa_;  ///< of low: low = mantissa_ * 2^exponent_
  int exponent_;
  DoubleDouble log2_ratio_;
};

}  // namespace sweepd
