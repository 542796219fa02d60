// Whether two spaces can have a point in common, judged from their columns alone.
#pragma once

#include "runner/core/space.h"

namespace sweepd {

/// True where it is certain that no point of `a` equals one of `b`: a column that all points of one have and
/// no point of the other, or a column of both without a value in common. False where it is not known.
bool surely_disjoint(const ParameterSpace& a, const ParameterSpace& b);

}  // namespace sweepd
