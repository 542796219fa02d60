// The pi kernel in Highway (github.com/google/highway): this file is compiled once for each instruction set.
//
// A step decides 16-bit darts by the upper halves of x^2 and y^2 alone: inside if their sum does not exceed
// 16 bits. Rounding down and the extent of the cell make that doubtful only for the sums 2^16 - 4 to 2^16 -
// 1, and all other sums, also those that wrapped round, are smaller: so one maximum over all sums of a step
// tells whether any of its darts is in doubt (one step in 80). Then those darts are drawn again and judged
// exactly, as in pi_stream.h.
#include "workers/tasks/pi/pi_kernel.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>

#include "workers/tasks/pi/pi_stream.h"

// Vectors of a length known only at run time cannot stand in arrays; such processors have NEON or
// run the reference. AVX3_DL has nothing over AVX3 here, and Highway 1.0 does not build where it is
// the compiler's baseline.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "workers/tasks/pi/pi_kernel.cc"
#include <hwy/foreach_target.h>  // comes first

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sweepd::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

uint64_t hits_of_blocks(uint64_t seed, uint64_t darts, uint64_t first_block, uint64_t last_block) {
  return pi_hits_scalar(seed, darts, first_block, last_block);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::ScalableTag<uint64_t> words{};
constexpr hn::Repartition<uint16_t, decltype(words)> cells{};
using Words = hn::Vec<decltype(words)>;
using Cells = hn::Vec<decltype(cells)>;

constexpr size_t lanes_per_vector = hn::MaxLanes(words);
constexpr size_t cells_per_vector = hn::MaxLanes(cells);
/// Lanes are taken through all steps of a block in groups whose states fit into the registers.
constexpr size_t registers =
    HWY_TARGET == HWY_SSSE3 || HWY_TARGET == HWY_SSE4 || HWY_TARGET == HWY_AVX2 ? 16 : 32;
constexpr size_t vectors_per_group = std::min(registers / 4, pi_stream::lanes / lanes_per_vector);
constexpr size_t lanes_per_group = vectors_per_group * lanes_per_vector;
constexpr size_t darts_per_group_step = lanes_per_group * pi_stream::darts_per_word;
constexpr uint16_t largest_certain = 0xffff - 4;

HWY_INLINE Words mix64(Words z) {
  z = hn::Mul(hn::Xor(z, hn::ShiftRight<30>(z)), hn::Set(words, 0xbf58476d1ce4e5b9));
  z = hn::Mul(hn::Xor(z, hn::ShiftRight<27>(z)), hn::Set(words, 0x94d049bb133111eb));
  return hn::Xor(z, hn::ShiftRight<31>(z));
}

/// Seeds the first `count` lanes, and those that share a vector with them.
HWY_INLINE void seed_lanes(const pi_stream::Keys& keys, size_t count, pi_stream::States& states) {
  const Words golden = hn::Set(words, pi_stream::golden);
  for (size_t lane = 0; lane < count; lane += lanes_per_vector) {
    const Words offset = hn::Mul(hn::Iota(words, lane), golden);
    hn::Store(mix64(hn::Add(hn::Set(words, keys.k0), offset)), words, states.a + lane);
    hn::Store(mix64(hn::Add(hn::Set(words, keys.k1), offset)), words, states.b + lane);
  }
}

#if HWY_TARGET <= HWY_AVX3
HWY_INLINE Words rotate_left_24(Words v) { return hn::RotateRight<64 - 24>(v); }
#else
/// Three whole bytes: one shuffle instead of two shifts and an or.
HWY_INLINE Words rotate_left_24(Words v) {
  constexpr hn::Repartition<uint8_t, decltype(words)> bytes;
  alignas(16) constexpr uint8_t sources[16] = {5, 6, 7, 0, 1, 2, 3, 4, 13, 14, 15, 8, 9, 10, 11, 12};
  return hn::BitCast(words, hn::TableLookupBytes(hn::BitCast(bytes, v), hn::LoadDup128(bytes, sources)));
}
#endif

HWY_INLINE Cells draw(Words& a, Words& b) {
  const Words word = hn::Add(a, b);
  const Words x = hn::Xor(a, b);
  a = hn::Xor3(rotate_left_24(a), x, hn::ShiftLeft<16>(x));
  b = hn::RotateRight<64 - 37>(x);
  return hn::BitCast(cells, word);
}

/// Whether the sum did not wrap round: it is no smaller than one of its terms.
HWY_INLINE hn::Mask<decltype(cells)> is_hit(Cells sum, Cells term) { return hn::Eq(hn::Max(sum, term), sum); }

/// Counts the sums that did not wrap round.
#if HWY_TARGET <= HWY_AVX3
class Count {
 public:
  HWY_INLINE void add(Cells sum, Cells term) { misses_ += hn::CountTrue(cells, hn::Lt(sum, term)); }
  HWY_INLINE uint64_t hits(uint64_t darts) const { return darts - misses_; }

 private:
  uint64_t misses_ = 0;
};
#else
class Count {
 public:
  HWY_INLINE Count() : counts_(hn::Zero(cells)) {}
  HWY_INLINE void add(Cells sum, Cells term) {
    counts_ = hn::Sub(counts_, hn::VecFromMask(cells, is_hit(sum, term)));
  }
  HWY_INLINE uint64_t hits(uint64_t /*darts*/) const {
    HWY_ALIGN uint16_t counts[cells_per_vector];
    hn::Store(counts_, cells, counts);
    uint64_t hits = 0;
    for (const uint16_t count : counts) hits += count;
    return hits;
  }

 private:
  Cells counts_;
};
static_assert(pi_block_darts / pi_stream::darts_per_step * vectors_per_group < 65536, "counts have 16 bits");
#endif

/// A group of lanes within its block.
struct Group {
  const pi_stream::Keys& keys;
  pi_stream::States& states;
  size_t first_lane;
  HWY_ALIGN uint16_t sums[darts_per_group_step];  ///< of the latest step
};

/// Whether a dart of the step just made was counted as a hit and is none. Without branches, which nobody
/// could predict.
HWY_INLINE uint64_t is_miscounted(const Group& group, uint64_t step, size_t dart) {
  const size_t lane = group.first_lane + dart / pi_stream::darts_per_word;
  uint64_t a = group.states.a[lane];
  uint64_t b = group.states.b[lane];
  const uint64_t which = dart % pi_stream::darts_per_word;
  const uint64_t y = pi_stream::component(pi_stream::undraw(a, b), which);
  const uint64_t x = pi_stream::component(pi_stream::undraw(a, b), which);
  const uint64_t n = step * pi_stream::darts_per_step + lane * pi_stream::darts_per_word + which;
  const uint64_t was_counted = (x * x >> 16) + (y * y >> 16) < 0x10000;
  return was_counted & uint64_t{!pi_stream::inside_where_placed(group.keys, n, x, y)};
}

HWY_INLINE uint64_t doubtful_bits(const Group& group, size_t first) {
  uint8_t bytes[8] = {};
  const Cells sums = hn::Load(cells, group.sums + first);
  hn::StoreMaskBits(cells, hn::Gt(sums, hn::Set(cells, largest_certain)), bytes);
  uint64_t bits = 0;
  std::memcpy(&bits, bytes, sizeof bits);
  return bits;
}

/// How many darts of the step just made were counted as hits and are none.
HWY_INLINE uint64_t miscounted(const Group& group, uint64_t step) {
  size_t found = 0;
  int in_doubt = 0;
  for (size_t first = 0; first < darts_per_group_step; first += cells_per_vector) {
    const uint64_t bits = doubtful_bits(group, first);
    in_doubt += std::popcount(bits);
    found = bits != 0 ? first + static_cast<size_t>(std::countr_zero(bits)) : found;
  }
  if (HWY_LIKELY(in_doubt == 1)) return is_miscounted(group, step, found);
  uint64_t count = 0;
  for (size_t first = 0; first < darts_per_group_step; first += cells_per_vector)
    for (uint64_t bits = doubtful_bits(group, first); bits != 0; bits &= bits - 1)
      count += is_miscounted(group, step, first + static_cast<size_t>(std::countr_zero(bits)));
  return count;
}

/// Takes the group from `step` on until a dart is in doubt or `steps` are made; returns the steps made then.
HWY_INLINE uint64_t make_steps(Group& group, uint64_t step, uint64_t steps, Count& count, bool& in_doubt) {
  Words a[vectors_per_group];
  Words b[vectors_per_group];
  uint64_t* const states_a = group.states.a + group.first_lane;
  uint64_t* const states_b = group.states.b + group.first_lane;
  for (size_t i = 0; i < vectors_per_group; ++i) {
    a[i] = hn::Load(words, states_a + i * lanes_per_vector);
    b[i] = hn::Load(words, states_b + i * lanes_per_vector);
  }
  const Cells certain = hn::Set(cells, largest_certain);
  do {
    Cells largest = hn::Zero(cells);
#pragma GCC unroll 16
    for (size_t i = 0; i < vectors_per_group; ++i) {
      const Cells x = draw(a[i], b[i]);
      const Cells y = draw(a[i], b[i]);
      const Cells term = hn::MulHigh(x, x);
      const Cells sum = hn::Add(term, hn::MulHigh(y, y));
      count.add(sum, term);
      largest = i == 0 ? sum : hn::Max(largest, sum);
      hn::Store(sum, cells, group.sums + i * cells_per_vector);
    }
    in_doubt = !hn::AllFalse(cells, hn::Gt(largest, certain));
    ++step;
  } while (!in_doubt && step < steps);
  for (size_t i = 0; i < vectors_per_group; ++i) {
    hn::Store(a[i], words, states_a + i * lanes_per_vector);
    hn::Store(b[i], words, states_b + i * lanes_per_vector);
  }
  return step;
}

HWY_INLINE uint64_t hits_of_whole_steps(Group& group, uint64_t steps) {
  Count count;
  uint64_t wrong = 0;
  for (uint64_t step = 0; step < steps;) {
    bool in_doubt = false;
    step = make_steps(group, step, steps, count, in_doubt);
    if (in_doubt) wrong += miscounted(group, step - 1);
  }
  return count.hits(steps * darts_per_group_step) - wrong;
}

/// Hits among the group's first `darts` of a last step that is not whole.
uint64_t hits_of_part_step(Group& group, uint64_t step, size_t darts) {
  uint64_t hits = 0;
  for (size_t first = 0; first < darts_per_group_step; first += cells_per_vector) {
    if (first >= darts) {
      hn::Store(hn::Zero(cells), cells, group.sums + first);
      continue;
    }
    uint64_t* const state_a = group.states.a + group.first_lane + first / pi_stream::darts_per_word;
    uint64_t* const state_b = group.states.b + group.first_lane + first / pi_stream::darts_per_word;
    Words a = hn::Load(words, state_a);
    Words b = hn::Load(words, state_b);
    const Cells x = draw(a, b);
    const Cells y = draw(a, b);
    const Cells term = hn::MulHigh(x, x);
    const Cells sum = hn::Add(term, hn::MulHigh(y, y));
    const auto thrown = hn::FirstN(cells, std::min(cells_per_vector, darts - first));
    hits += hn::CountTrue(cells, hn::And(thrown, is_hit(sum, term)));
    hn::Store(hn::IfThenElseZero(thrown, sum), cells, group.sums + first);
    hn::Store(a, words, state_a);
    hn::Store(b, words, state_b);
  }
  return hits - miscounted(group, step);
}

uint64_t hits_of_block(uint64_t seed, uint64_t block, uint64_t darts) {
  const pi_stream::Keys keys = pi_stream::keys_of(seed, block);
  const uint64_t drawn = (darts + pi_stream::darts_per_word - 1) / pi_stream::darts_per_word;
  pi_stream::States states;
  seed_lanes(keys, std::min<uint64_t>(drawn, pi_stream::lanes), states);
  const uint64_t steps = darts / pi_stream::darts_per_step;
  const uint64_t rest = darts % pi_stream::darts_per_step;
  uint64_t hits = 0;
  for (size_t lane = 0; lane < std::min<uint64_t>(drawn, pi_stream::lanes); lane += lanes_per_group) {
    Group group{keys, states, lane, {}};
    const uint64_t before = lane * pi_stream::darts_per_word;
    if (steps > 0) hits += hits_of_whole_steps(group, steps);
    if (rest > before) hits += hits_of_part_step(group, steps, std::min(rest - before, darts_per_group_step));
  }
  return hits;
}

uint64_t hits_of_blocks(uint64_t seed, uint64_t darts, uint64_t first_block, uint64_t last_block) {
  uint64_t hits = 0;
  for (uint64_t block = first_block; block < last_block; ++block)
    hits += hits_of_block(seed, block, std::min(pi_block_darts, darts - block * pi_block_darts));
  return hits;
}

#endif

}  // namespace sweepd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace sweepd {

namespace {

/// Of Highway's targets those built here and had by this processor, best first. Highway can choose as well,
/// but by its shared library, which calibrates a clock whenever it is loaded: 4 ms of the 15 ms that a sweep
/// of one point takes, and as much in each spawned worker.
std::vector<PiInstructionSet> find_instruction_sets() {
  std::vector<PiInstructionSet> sets;
  const auto add = [&sets](std::string_view name, bool is_had, decltype(PiInstructionSet::hits) hits) {
    if (is_had && hits != nullptr) sets.push_back({name, hits});
  };
#if HWY_ARCH_X86
  // As hwy/ops/set_macros-inl.h compiles them; who has AVX2 has F16C.
  const bool has_ssse3 = __builtin_cpu_supports("ssse3") != 0;
  const bool has_sse4 = has_ssse3 && __builtin_cpu_supports("sse4.2") != 0 &&
                        __builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("aes") != 0;
  const bool has_avx2 = has_sse4 && __builtin_cpu_supports("avx2") != 0 &&
                        __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
                        __builtin_cpu_supports("fma") != 0;
  const bool has_avx3 = has_avx2 && __builtin_cpu_supports("avx512f") != 0 &&
                        __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
                        __builtin_cpu_supports("avx512bw") != 0;
  add("AVX-512", has_avx3, HWY_CHOOSE_AVX3(hits_of_blocks));
  add("AVX2", has_avx2, HWY_CHOOSE_AVX2(hits_of_blocks));
  add("SSE4", has_sse4, HWY_CHOOSE_SSE4(hits_of_blocks));
  add("SSSE3", has_ssse3, HWY_CHOOSE_SSSE3(hits_of_blocks));
#else
  add(hwy::TargetName(HWY_STATIC_TARGET), HWY_STATIC_TARGET != HWY_SCALAR && HWY_STATIC_TARGET != HWY_EMU128,
      &HWY_STATIC_DISPATCH(hits_of_blocks));
#endif
  add("scalar", true, pi_hits_scalar);
  return sets;
}

}  // namespace

uint64_t pi_hits(uint64_t seed, uint64_t darts, uint64_t first_block, uint64_t last_block) {
  constexpr uint64_t a_handful = 8;  // the reference seeds and makes no more than these
  if (darts <= a_handful) return pi_hits_scalar(seed, darts, first_block, last_block);
  return pi_instruction_sets().front().hits(seed, darts, first_block, last_block);
}

uint64_t pi_hits(uint64_t seed, uint64_t darts) { return pi_hits(seed, darts, 0, pi_blocks(darts)); }

const std::vector<PiInstructionSet>& pi_instruction_sets() {
  static const std::vector<PiInstructionSet> sets = find_instruction_sets();
  return sets;
}

std::string_view pi_instruction_set() { return pi_instruction_sets().front().name; }

}  // namespace sweepd

#endif  // HWY_ONCE
