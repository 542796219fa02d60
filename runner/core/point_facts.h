// A point with all that is known of it before it runs, outside of the workers' path.
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

/// Makes the facts of one point after the other in the same memory.
class PointFactsReader {
 public:
  /// `sweep` outlives the reader.
  explicit PointFactsReader(const Sweep& sweep);

  /// `index` < sweep.size(); valid until the next call.
  const PointFacts& at(uint64_t index);

 private:
  const Sweep& sweep_;
  Identity identity_;
  PointFacts facts_;
};

PointFacts point_facts(const Sweep& sweep, uint64_t index);

}  // namespace sweepd
