// A half-open range of indices: the unit of dispatch and of one output file.
#pragma once

#include <compare>
#include <cstdint>

namespace sweepd {

struct Chunk {
  uint64_t first = 0;
  uint64_t last = 0;  ///< one past the end
  uint64_t size() const { return last - first; }
  bool empty() const { return first >= last; }
  friend auto operator<=>(const Chunk&, const Chunk&) = default;
};

}  // namespace sweepd
