// ScalingWork: what the gang of one point has to do, and which part of it each member does.
#pragma once

#include <cstdint>

#include "runner/core/amdahl.h"
#include "runner/core/error.h"
#include "runner/core/point.h"

namespace sweepd {

struct ScalingWork {
  uint64_t seed;
  uint64_t darts;
  uint32_t workers;
  uint32_t repeats;
  ScalingMode mode;
};

/// Reads the point's parameters, as ScalingRunner says. Fails on those that cannot be measured.
Result<ScalingWork> scaling_work(const Point& point, uint64_t seed);

/// The hits of one member. Strong: the members share the blocks of darts evenly; weak: each throws its own.
uint64_t hits_of_member(const ScalingWork& work, uint32_t member);

/// The seed that gang member `member` throws its own darts from in weak scaling. Member 0 has the point's
/// own, so that one worker makes the same hits in both modes; the others' are mixed from the point's seed and
/// their number.
uint64_t member_seed(uint64_t seed, uint32_t member);

}  // namespace sweepd
