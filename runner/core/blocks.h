// Blocks: a sweep's indices in equal parts, by which several runs divide it among themselves.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "runner/core/chunk.h"

namespace sweepd {

struct Blocks {
  uint64_t points = 0;
  uint64_t size = 1;  ///< points in a block, at least 1; the last one may have fewer

  /// About this many, which is enough for each of a hundred runs to have some in the end, and few enough
  /// files.
  static constexpr uint64_t wanted = 1024;

  /// `chunk_size`: a block holds whole chunks of that size.
  static Blocks of(uint64_t points, std::optional<uint64_t> chunk_size) {
    const uint64_t unit = std::max<uint64_t>(1, std::min(chunk_size.value_or(1), points));
    const uint64_t size = (points + wanted - 1) / wanted;
    return {points, std::max<uint64_t>(1, (size + unit - 1) / unit) * unit};
  }

  uint64_t count() const { return points / size + (points % size != 0 ? 1 : 0); }
  Chunk range(uint64_t block) const { return {block * size, std::min(points, (block + 1) * size)}; }
  uint64_t at(uint64_t index) const { return index / size; }
};

}  // namespace sweepd
