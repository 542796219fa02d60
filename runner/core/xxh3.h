// The one place where xxHash is included: inlined, because most inputs here are a few dozen bytes long.
#pragma once

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace sweepd {

inline uint64_t xxh3(std::string_view bytes, uint64_t seed = 0) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

/// `value` as 16 lower-case hexadecimal digits, most significant first.
inline void write_hex(uint64_t value, char* out, int digits = 16) {
  for (int digit = 0; digit < digits; ++digit)
    out[digit] = "0123456789abcdef"[(value >> (60 - 4 * digit)) & 15];
}

/// XXH3-128 of bytes that come in pieces.
class Xxh3Stream {
 public:
  Xxh3Stream() { XXH3_128bits_reset(&state_); }
  void add(std::string_view bytes) { XXH3_128bits_update(&state_, bytes.data(), bytes.size()); }
  /// Of what came so far: 32 lower-case hexadecimal digits.
  std::string digits() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(&state_);
    std::string digits(32, '0');
    write_hex(hash.high64, digits.data());
    write_hex(hash.low64, digits.data() + 16);
    return digits;
  }

 private:
  XXH3_state_t state_;
};

}  // namespace sweepd
