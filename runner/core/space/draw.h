// Draws: where each point of a sample falls in one dimension, as a pure function of its index.
#pragma once

#include <cstdint>
#include <vector>

#include "runner/core/spaces.h"

namespace sweepd {

/// One dimension's sequence of fractions in [0, 1), as 64 bits after the binary point.
///   random  the index-th output of SplitMix64 (Steele, Lea and Flood 2014) started from `key`
///   lhs     Latin hypercube (McKay, Beckman and Conover 1979): [0, 1) is cut into `count` strata; a keyed
///   permutation
///           gives each index a stratum of its own, and a random draw the place within it. The permutation is
///           a Feistel network over the next even number of bits, repeated until the result is below `count`
///           (cycle walking: Black and Rogaway 2002, "Ciphers with arbitrary finite domains")
///   halton  the radical inverse of the index in the `number`-th prime (Halton 1960), moved by a random
///   amount modulo 1
///           (Cranley and Patterson 1976)
class Draw {
 public:
  /// `number` counts the dimensions from 0. `key` makes dimensions and seeds differ.
  Draw(SampleMethod method, uint64_t count, size_t number, uint64_t key);
  uint64_t fraction(uint64_t index) const;

 private:
  uint64_t random(uint64_t index) const;
  uint64_t stratum(uint64_t index) const;
  uint64_t radical_inverse(uint64_t index) const;

  SampleMethod method_;
  uint64_t count_;
  uint64_t base_;
  uint64_t key_;
  int half_bits_;  ///< of the Feistel network's blocks
};

}  // namespace sweepd
