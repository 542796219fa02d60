// Evenly spaced decimal numbers: range: [0, 1, 0.1] holds 0.3, not the 0.30000000000000004 that 3 * 0.1 is.
#pragma once

#include <cstdint>
#include <optional>

#include "runner/core/decimal.h"
#include "runner/core/space/digest.h"

namespace sweepd {

/// Each value is computed as an exact fraction and rounded once, to the nearest double (of two as near, the
/// even one). None can be made where the fractions would need more than 128 bits.
class DecimalSteps {
 public:
  /// start + i * step, before stop. `step` is not 0.
  static std::optional<DecimalSteps> range(Decimal start, Decimal stop, Decimal step);
  /// start + i * (stop - start) / (num - 1), where num > 0; `start` alone where it is 1.
  static std::optional<DecimalSteps> linspace(Decimal start, Decimal stop, uint64_t num);

  /// How many there are; 0 for a range that is empty.
  Wide count() const { return count_; }
  /// index < count().
  double at(uint64_t index) const;
  /// The distance of neighbours, to a few roundings.
  double step() const;

  /// Adds all that determines the values.
  void add_to(Digest& digest) const;

 private:
  DecimalSteps(Wide first, Wide step, Wide divisor, int shift, Wide count);

  // Value i is (first_ + i * step_) / divisor_ * 2^shift_.
  Wide first_, step_, divisor_;
  int shift_;
  double scale_;  ///< 2^shift_
  Wide count_;
};

}  // namespace sweepd
