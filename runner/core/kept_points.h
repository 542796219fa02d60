// KeptPoints: the points whose records were taken over from an earlier shape of the sweep. They may lie
// anywhere between the others; chunks run past them.
#pragma once

#include <cstdint>
#include <vector>

#include "runner/core/chunk.h"

namespace sweepd {

/// A set of indices. Every index that is not in it is "missing": it has to be run, or has its record in a
/// chunk.
class KeptPoints {
 public:
  /// Larger than all that were added before.
  void add(uint64_t index);

  bool empty() const { return runs_.empty(); }
  uint64_t size() const { return runs_.empty() ? 0 : runs_.back().kept_to(); }

  /// The first missing index from `index` on.
  uint64_t next_missing(uint64_t index) const;
  /// How many indices of a chunk are missing.
  uint64_t missing_in(const Chunk& chunk) const;
  /// The end of the chunk that begins at `first` and has `count` missing indices (at least 1), the last of
  /// them at its end.
  uint64_t end_of(uint64_t first, uint64_t count) const;

 private:
  struct Run {
    Chunk range;
    uint64_t kept_before;  // indices in the runs before this one
    uint64_t kept_to() const { return kept_before + range.size(); }
  };
  const Run* last_run_before(uint64_t index) const;
  uint64_t missing_before(uint64_t index) const;

  std::vector<Run> runs_;  // in order, with missing indices between them
};

inline const KeptPoints no_kept_points;

}  // namespace sweepd
