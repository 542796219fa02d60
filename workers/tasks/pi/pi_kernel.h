// The pi kernel: throws darts at the unit square and counts those in the quarter circle. It knows nothing of
// points, results and processes. Which darts are thrown is said in pi_stream.h.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "runner/core/kernel_limits.h"

namespace sweepd {

/// The unit in which work may be split: each block can be thrown by itself.
inline constexpr uint64_t pi_block_darts = uint64_t{1} << 18;

/// How many blocks `darts` darts make.
constexpr uint64_t pi_blocks(uint64_t darts) { return (darts + pi_block_darts - 1) / pi_block_darts; }

/// Hits among the first `darts` (at most max_darts) darts of the stream of `seed`. Runs on the best
/// instruction set of the processor; the count is the same on each.
uint64_t pi_hits(uint64_t seed, uint64_t darts);

/// The same for the blocks [first_block, last_block) only, last_block being at most pi_blocks(darts).
uint64_t pi_hits(uint64_t seed, uint64_t darts, uint64_t first_block, uint64_t last_block);

/// The reference: plain C++, dart by dart.
uint64_t pi_hits_scalar(uint64_t seed, uint64_t darts, uint64_t first_block, uint64_t last_block);

/// What pi_hits() runs on here, such as "AVX-512".
std::string_view pi_instruction_set();

/// The kernel for one instruction set, to be called as the reference is.
struct PiInstructionSet {
  std::string_view name;
  uint64_t (*hits)(uint64_t seed, uint64_t darts, uint64_t first_block, uint64_t last_block);
};

/// Those that this processor has and this program was built with, best first.
const std::vector<PiInstructionSet>& pi_instruction_sets();

}  // namespace sweepd
