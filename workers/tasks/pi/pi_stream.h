// The stream of darts of a point: which dart falls where. It is a format: golden tests hold it, and every
// instruction set and every split of the work must make exactly these darts. All arithmetic is modulo 2^64.
//
//   point     the darts 0, 1, 2, ... in blocks of pi_block_darts; the last block may be shorter
//   block     starts afresh from two keys, mix64 of (seed, block), so any block can be thrown by anyone. No
//   two
//             pairs (seed, block) share both keys: seed + c0 * (block + 1) and seed + c1 * (block + 1) with
//             different c0 and c1 give back block and seed, as mix64 is a bijection
//   lane      64 lanes a block, each a xoroshiro128+ (Blackman and Vigna 2018, constants 24, 16, 37) with the
//   state
//             mix64(key0 + lane * c), mix64(key1 + lane * c). Its 2^11 outputs before the next block are far
//             too few for the linear weakness of the lowest bits and the Hamming weights that it shows after
//             terabytes
//   step      each lane draws a word for x and then a word for y: four darts, 16 bits of either word each,
//   lowest
//             first. Dart n of the block is component n % 4 of lane n / 4 % 64 in step n / 256
//   dart      (x, y) is a cell of a lattice of 2^16 * 2^16 over the unit square. Is the cell inside or
//   outside of
//             the quarter circle as a whole, so is the dart. One of about 32,768 darts falls on a cell that
//             the circle crosses: 32 more bits for x and for y, mixed from both keys and n, place it in the
//             cell, and the middle of its place on the 2^48 lattice decides
//
// So a coordinate has 48 bits at the price of 16. What is left of the lattice's error is below the area of
// the cells the circle crosses, 2 * 2^48 * 2^-96 = 7e-15, a millionth of the standard error at 2^53 darts
// (1.7e-8 of pi).
#pragma once

#include <cstddef>
#include <cstdint>

namespace sweepd::pi_stream {

inline constexpr size_t lanes = 64;
inline constexpr uint64_t darts_per_word = 4;
inline constexpr uint64_t darts_per_step = lanes * darts_per_word;

/// Odd constants: 2^64 divided by the golden ratio, and by the plastic number (Roberts 2018).
inline constexpr uint64_t golden = 0x9e3779b97f4a7c15;
inline constexpr uint64_t plastic = 0xc13fa9a902a6328f;

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014, variant 13 of Stafford): a bijection.
constexpr uint64_t mix64(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

struct Keys {
  uint64_t k0;
  uint64_t k1;
};

constexpr Keys keys_of(uint64_t seed, uint64_t block) {
  return {mix64(seed + golden * (block + 1)), mix64(seed + plastic * (block + 1))};
}

/// The states of a block's lanes, lane by lane; aligned for the widest vectors.
struct alignas(64) States {
  uint64_t a[lanes];
  uint64_t b[lanes];
};

constexpr void seed_lane(const Keys& keys, size_t lane, States& states) {
  states.a[lane] = mix64(keys.k0 + golden * lane);
  states.b[lane] = mix64(keys.k1 + golden * lane);
}

constexpr uint64_t rotate_left(uint64_t value, int bits) { return value << bits | value >> (64 - bits); }

/// The next word of a lane.
constexpr uint64_t draw(uint64_t& a, uint64_t& b) {
  const uint64_t word = a + b;
  b ^= a;
  a = rotate_left(a, 24) ^ b ^ (b << 16);
  b = rotate_left(b, 37);
  return word;
}

/// Takes draw() back: the lane is as before it, and the word is given again.
constexpr uint64_t undraw(uint64_t& a, uint64_t& b) {
  const uint64_t x = rotate_left(b, 64 - 37);
  a = rotate_left(a ^ x ^ (x << 16), 64 - 24);
  b = x ^ a;
  return a + b;
}

/// What places dart `n` of the block within its cell: upper half for x, lower for y.
constexpr uint64_t refinement(const Keys& keys, uint64_t n) { return mix64(keys.k0 ^ mix64(keys.k1 + n)); }

/// Whether dart `n` of the block, placed within its cell (x, y), lies in the quarter circle. Right for every
/// cell, and needed only for those that the circle crosses.
constexpr bool inside_where_placed(const Keys& keys, uint64_t n, uint64_t x, uint64_t y) {
  const uint64_t more = refinement(keys, n);
  __extension__ using Wide = unsigned __int128;
  const Wide middle_x = Wide{(x << 32 | more >> 32) * 2 + 1};  // in 2^-49
  const Wide middle_y = Wide{(y << 32 | (more & 0xffffffff)) * 2 + 1};
  return middle_x * middle_x + middle_y * middle_y <= Wide{1} << 98;
}

/// Whether dart `n` of the block, in cell (x, y), lies in the quarter circle.
constexpr bool inside(const Keys& keys, uint64_t n, uint64_t x, uint64_t y) {
  constexpr uint64_t radius_squared = uint64_t{1} << 32;
  if (x * x + y * y >= radius_squared) return false;
  if ((x + 1) * (x + 1) + (y + 1) * (y + 1) <= radius_squared) return true;
  return inside_where_placed(keys, n, x, y);
}

constexpr uint64_t component(uint64_t word, uint64_t which) { return word >> (16 * which) & 0xffff; }

}  // namespace sweepd::pi_stream
