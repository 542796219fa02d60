#include "runner/core/kept_points.h"

#include <algorithm>

namespace sweepd {

void KeptPoints::add(uint64_t index) {
  if (!runs_.empty() && runs_.back().range.last == index)
    ++runs_.back().range.last;
  else
    runs_.push_back({{index, index + 1}, size()});
}

/// The last run that begins before `index`, or null.
const KeptPoints::Run* KeptPoints::last_run_before(uint64_t index) const {
  const auto after = std::partition_point(runs_.begin(), runs_.end(),
                                          [index](const Run& run) { return run.range.first < index; });
  return after == runs_.begin() ? nullptr : &*std::prev(after);
}

uint64_t KeptPoints::next_missing(uint64_t index) const {
  const Run* const run = last_run_before(index + 1);
  return run == nullptr ? index : std::max(index, run->range.last);
}

uint64_t KeptPoints::missing_before(uint64_t index) const {
  const Run* const run = last_run_before(index);
  if (run == nullptr) return index;
  return index - run->kept_before - (std::min(index, run->range.last) - run->range.first);
}

uint64_t KeptPoints::missing_in(const Chunk& chunk) const {
  return missing_before(chunk.last) - missing_before(chunk.first);
}

uint64_t KeptPoints::end_of(uint64_t first, uint64_t count) const {
  // The missing index with `wanted` missing ones up to and including itself lies behind all runs before
  // which fewer are missing.
  const uint64_t wanted = missing_before(first) + count;
  const auto after = std::partition_point(runs_.begin(), runs_.end(), [wanted](const Run& run) {
    return run.range.first - run.kept_before < wanted;
  });
  return after == runs_.begin() ? wanted : wanted + std::prev(after)->kept_to();
}

}  // namespace sweepd
