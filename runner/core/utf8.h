// Bytes that come from outside (what a program prints, paths, host names, variables of the environment) as
// text that may stand in JSON: what is no UTF-8 becomes U+FFFD, everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sweepd {

/// Appends `bytes` as valid UTF-8: every ill-formed sequence (the longest beginning of a character that is
/// cut short, else one byte) becomes U+FFFD, as the Unicode Standard recommends in section 3.9.
void append_valid_utf8(std::string_view bytes, std::string& out);
/// The same as a text of its own.
std::string valid_utf8(std::string_view bytes);

/// The length of the well-formed UTF-8 character at the start of `bytes`; 0 where there is none. `bad` is
/// then the number of bytes that one U+FFFD stands for (at least 1). `bytes` is not empty.
size_t utf8_character(std::string_view bytes, size_t& bad);

/// Appends the character of this number (below 2^21); half of a surrogate pair as the three bytes it would
/// have.
void append_utf8(std::string& out, uint32_t code);

}  // namespace sweepd
