// Where xxHash is included for short texts: inlined, because its inputs here are a few dozen bytes long.
#pragma once

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#include <cstdint>
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

}  // namespace sweepd
