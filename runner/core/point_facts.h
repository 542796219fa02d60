// A single point with all that is known of it before it runs; for what is done once, not for every point.
#pragma once

#include <string>

#include "runner/core/identity.h"
#include "runner/core/sweep.h"

namespace sweepd {

struct PointFacts {
  uint64_t index = 0;
  Point point;  ///< its texts belong to the sweep
  std::string params_json;
  PointId id{};
  uint64_t seed = 0;
};

/// `index` < sweep.size()
PointFacts point_facts(const Sweep& sweep, uint64_t index);

}  // namespace sweepd
