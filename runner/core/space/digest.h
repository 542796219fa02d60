// Hashes of values and descriptions. They tell equal points and equal spaces; ids are
// made elsewhere (identity.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runner/core/point.h"
#include "runner/core/value.h"

namespace sweepd {

/// XXH3_64 of what was added, each piece with its length or type, so that pieces cannot run into each other.
class Digest {
 public:
  explicit Digest(std::string_view kind) { add(kind); }
  Digest& add(uint64_t number);
  Digest& add(std::string_view text);
  Digest& add(const Value& value);
  uint64_t value() const;

 private:
  void fold();
  std::string bytes_;
};

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
/// generators"): a bijection whose every output bit depends on every input bit.
constexpr uint64_t mix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// Equal for equal values (see Value's ==).
uint64_t hash_of(const Value& value, uint64_t name_hash);
uint64_t hash_of_name(std::string_view name);

/// Equal for points with equal parameters in any order: a sum over the parameters.
uint64_t hash_of(const Point& point);

}  // namespace sweepd
