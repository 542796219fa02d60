// Which of many points are equal, from a 64-bit hash of each. Two different points of one space share a hash
// with a probability of n^2 / 2^65 (3e-8 for a million points), and then are merely numbered as if they were
// equal: their ids still differ, because an id covers the parameters themselves.
#pragma once

#include <cstdint>
#include <vector>

#include "runner/core/space.h"

namespace sweepd {

/// The points of which there are several; nothing is kept of the others. 12 bytes each; up to 2^32 points.
class Repeats {
 public:
  Repeats() = default;
  /// `hashes[i]` is that of point i.
  explicit Repeats(const std::vector<uint64_t>& hashes);

  bool empty() const { return repeated_.empty(); }
  Rank rank(uint64_t index) const;

 private:
  struct Repeated {
    uint32_t index, before, total;
  };
  std::vector<Repeated> repeated_;  ///< by index
};

/// How many points have a hash; 8 bytes a point.
class HashCounts {
 public:
  HashCounts() = default;
  explicit HashCounts(std::vector<uint64_t> hashes);
  uint64_t count(uint64_t hash) const;

 private:
  std::vector<uint64_t> sorted_;
};

/// The hash of every point.
std::vector<uint64_t> hashes_of(const ParameterSpace& space);

/// More points than this are not compared with each other.
inline constexpr uint64_t max_compared_points = uint64_t{1} << 28;

}  // namespace sweepd
