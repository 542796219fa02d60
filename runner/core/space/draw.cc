#include "runner/core/space/draw.h"

#include <bit>

#include "runner/core/space/digest.h"
#include "runner/core/wide.h"

namespace sweepd {
namespace {

constexpr uint64_t golden_ratio = 0x9e3779b97f4a7c15u;  // 2^64 / phi, SplitMix64's increment

/// numerator / denominator, below 1, as 64 bits after the binary point.
uint64_t fraction_of(uint64_t numerator, uint64_t denominator) {
  return static_cast<uint64_t>((UnsignedWide{numerator} << 64) / denominator);
}

bool is_prime(uint64_t n) {
  for (uint64_t d = 2; d * d <= n; ++d)
    if (n % d == 0) return false;
  return true;
}

uint64_t prime(size_t number) {
  uint64_t candidate = 2;
  for (;; ++candidate)
    if (is_prime(candidate) && number-- == 0) return candidate;
}

}  // namespace

Draw::Draw(SampleMethod method, uint64_t count, size_t number, uint64_t key)
    : method_(method),
      count_(count),
      base_(method == SampleMethod::halton ? prime(number) : 0),
      key_(key),
      half_bits_(static_cast<int>(std::bit_width(count - 1) + 1) / 2) {}

uint64_t Draw::fraction(uint64_t index) const {
  switch (method_) {
    case SampleMethod::random:
      return random(index);
    case SampleMethod::lhs:
      return static_cast<uint64_t>(((UnsignedWide{stratum(index)} << 64) | random(index)) / count_);
    case SampleMethod::halton:
      break;
  }
  return radical_inverse(index) + mix64(key_);
}

uint64_t Draw::random(uint64_t index) const { return mix64(key_ + (index + 1) * golden_ratio); }

uint64_t Draw::stratum(uint64_t index) const {
  constexpr uint64_t rounds = 6;
  const uint64_t mask = (uint64_t{1} << half_bits_) - 1;
  do {
    uint64_t left = index >> half_bits_, right = index & mask;
    for (uint64_t round = 0; round < rounds; ++round) {
      const uint64_t mixed = mix64(right + ~key_ + round * golden_ratio);
      const uint64_t next = left ^ (mixed & mask);
      left = right;
      right = next;
    }
    index = left << half_bits_ | right;
  } while (index >= count_);
  return index;
}

// The digits mirrored at the point: at most 53 bits of index and one digit more, so that all fits 64 bits.
uint64_t Draw::radical_inverse(uint64_t index) const {
  uint64_t mirrored = 0, scale = 1;
  for (; index > 0; index /= base_) {
    mirrored = mirrored * base_ + index % base_;
    scale *= base_;
  }
  return fraction_of(mirrored, scale);
}

}  // namespace sweepd
