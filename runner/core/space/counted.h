// Counted: a space whose points can only be found by comparing with all of them.
#pragma once

#include <mutex>

#include "runner/core/space/repeats.h"

namespace sweepd {

/// Keeps a hash of every point, 8 bytes each, from the first question on. Only concat() asks, when its parts
/// may overlap, and it does so once before it is shared.
class Counted : public ParameterSpace {
 public:
  uint64_t count(const Point& point) const final;

 private:
  mutable std::once_flag once_;
  mutable HashCounts counts_;
};

}  // namespace sweepd
