// A JSON scalar's text as a number or as plain text. It looks at one value and knows no structure around it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sweepd {

/// A JSON number; a boolean counts as 0 or 1.
struct Number {
  bool is_integer = false;  ///< written without point and exponent, and within 64 bits
  int64_t integer = 0;      ///< where is_integer
  double real = 0;          ///< the nearest double in any case
};

/// What `raw` is as a number: a JSON number, true, false, or one of the strings
/// "NaN", "Infinity", "-Infinity".
std::optional<Number> number_of(std::string_view raw);

/// `text` as a JSON number; a leading '+', spaces, hexadecimal digits and names such as "inf" are not one.
std::optional<Number> parse_number(std::string_view text);

inline bool is_string(std::string_view raw) { return raw.starts_with('"'); }

/// Appends a JSON string's own bytes, and any other value's JSON text.
void append_plain(std::string& out, std::string_view raw);

}  // namespace sweepd
