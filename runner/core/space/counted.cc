#include "runner/core/space/counted.h"

#include "runner/core/space/digest.h"

namespace sweepd {

uint64_t Counted::count(const Point& point) const {
  std::call_once(once_, [this] { counts_ = HashCounts(hashes_of(*this)); });
  return counts_.count(hash_of(point));
}

}  // namespace sweepd
