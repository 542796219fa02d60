// The lines of chunk files for fuzz targets, with the checksum that no fuzzer would guess.
#pragma once

#include <string>
#include <string_view>

#include "runner/core/xxh3.h"

namespace sweepd {

/// `text` with what ends a record's line: FORMAT.md tells the checksum over what precedes it.
inline std::string sealed(std::string_view text) {
  std::string digits(8, '0');
  write_hex(xxh3(text), digits.data(), 8);
  return std::string(text) + ",\"check\":\"" + digits + "\"}}";
}

}  // namespace sweepd
