// The reference that every instruction set is held to, and the path for a handful of darts: only the lanes
// that are drawn from are seeded.
#include <algorithm>

#include "workers/tasks/pi/pi_kernel.h"
#include "workers/tasks/pi/pi_stream.h"

namespace sweepd {

namespace {

uint64_t hits_of_block(uint64_t seed, uint64_t block, uint64_t darts) {
  using namespace pi_stream;
  const Keys keys = keys_of(seed, block);
  const uint64_t words = (darts + darts_per_word - 1) / darts_per_word;
  States states;  // not cleared: that would cost more than a dart
  for (size_t lane = 0; lane < std::min<uint64_t>(words, lanes); ++lane) seed_lane(keys, lane, states);
  uint64_t hits = 0;
  for (uint64_t n = 0; n < darts; n += darts_per_word) {
    const size_t lane = n / darts_per_word % lanes;
    const uint64_t xs = draw(states.a[lane], states.b[lane]);
    const uint64_t ys = draw(states.a[lane], states.b[lane]);
    for (uint64_t i = 0; i < std::min(darts_per_word, darts - n); ++i)
      hits += inside(keys, n + i, component(xs, i), component(ys, i));
  }
  return hits;
}

}  // namespace

uint64_t pi_hits_scalar(uint64_t seed, uint64_t darts, uint64_t first_block, uint64_t last_block) {
  uint64_t hits = 0;
  for (uint64_t block = first_block; block < last_block; ++block)
    hits += hits_of_block(seed, block, std::min(pi_block_darts, darts - block * pi_block_darts));
  return hits;
}

}  // namespace sweepd
