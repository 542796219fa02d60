#include "runner/core/space/repeats.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <unordered_map>

#include "runner/core/space/digest.h"

namespace sweepd {
namespace {

/// Those that occur more than once, and a few others. Points are mostly distinct, and to sort all of their
/// hashes took a sixth of the time in which a large CSV file is read.
std::vector<uint64_t> likely_repeated(const std::vector<uint64_t>& hashes) {
  constexpr size_t places_for_one = 16;
  const uint64_t places = std::bit_ceil(hashes.size() * places_for_one);
  std::vector<bool> is_taken(places), is_shared(places);
  for (const uint64_t hash : hashes) {
    const uint64_t place = hash & (places - 1);
    if (is_taken[place]) is_shared[place] = true;
    is_taken[place] = true;
  }
  std::vector<uint64_t> likely;
  std::ranges::copy_if(hashes, std::back_inserter(likely),
                       [&](uint64_t hash) { return is_shared[hash & (places - 1)]; });
  return likely;
}

/// The hashes that occur more than once, with how often.
std::unordered_map<uint64_t, uint32_t> repeated_hashes(std::vector<uint64_t> hashes) {
  std::sort(hashes.begin(), hashes.end());
  std::unordered_map<uint64_t, uint32_t> repeated;
  for (size_t i = 1; i < hashes.size(); ++i)
    if (hashes[i] == hashes[i - 1]) ++repeated.try_emplace(hashes[i], 1).first->second;
  return repeated;
}

}  // namespace

Repeats::Repeats(const std::vector<uint64_t>& hashes) {
  const std::unordered_map<uint64_t, uint32_t> totals = repeated_hashes(likely_repeated(hashes));
  if (totals.empty()) return;
  std::unordered_map<uint64_t, uint32_t> seen;
  for (uint32_t i = 0; i < hashes.size(); ++i) {
    const auto total = totals.find(hashes[i]);
    if (total != totals.end()) repeated_.push_back({i, seen[hashes[i]]++, total->second});
  }
  repeated_.shrink_to_fit();
}

Rank Repeats::rank(uint64_t index) const {
  const auto at =
      std::lower_bound(repeated_.begin(), repeated_.end(), index,
                       [](const Repeated& repeated, uint64_t wanted) { return repeated.index < wanted; });
  if (at == repeated_.end() || at->index != index) return {};
  return {at->before, at->total};
}

HashCounts::HashCounts(std::vector<uint64_t> hashes) : sorted_(std::move(hashes)) {
  std::sort(sorted_.begin(), sorted_.end());
}

uint64_t HashCounts::count(uint64_t hash) const {
  const auto [first, last] = std::equal_range(sorted_.begin(), sorted_.end(), hash);
  return static_cast<uint64_t>(last - first);
}

std::vector<uint64_t> hashes_of(const ParameterSpace& space) {
  std::vector<uint64_t> hashes(space.size());
  Point point;
  for (uint64_t i = 0; i < hashes.size(); ++i) {
    point.clear();
    space.append(i, point);
    hashes[i] = hash_of(point);
  }
  return hashes;
}

}  // namespace sweepd
