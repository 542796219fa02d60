#include "runner/core/space/geometric.h"

#include <cmath>

namespace sweepd {

Geometric::Geometric(double low, double high)
    : low_(low), log2_ratio_(std::log2(static_cast<long double>(high) / static_cast<long double>(low))) {}

double Geometric::at(uint64_t numerator, uint64_t denominator) const {
  const long double t = static_cast<long double>(numerator) / static_cast<long double>(denominator);
  return static_cast<double>(low_ * std::exp2(t * log2_ratio_));
}

}  // namespace sweepd
