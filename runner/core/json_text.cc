#include "runner/core/json_text.h"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "runner/core/utf8.h"

namespace sweepd {
namespace {

// The four digits of \uXXXX; none where there are not four.
std::optional<uint32_t> hex4(std::string_view text) {
  uint32_t code = 0;
  if (text.size() < 4) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, code, 16);
  return error == std::errc{} && end == text.data() + 4 ? std::optional(code) : std::nullopt;
}

// `rest` begins after `\u`; halves of a pair that stand alone become U+FFFD.
void append_code(std::string& out, std::string_view& rest) {
  constexpr uint32_t replacement = 0xFFFD;
  const std::optional<uint32_t> high = hex4(rest);
  if (!high) return append_utf8(out, replacement);
  rest.remove_prefix(4);
  if (*high < 0xD800 || *high > 0xDFFF) return append_utf8(out, *high);
  const std::optional<uint32_t> low = rest.starts_with("\\u") ? hex4(rest.substr(2)) : std::nullopt;
  if (*high > 0xDBFF || !low || *low < 0xDC00 || *low > 0xDFFF) return append_utf8(out, replacement);
  rest.remove_prefix(6);
  append_utf8(out, 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00));
}

}  // namespace

void append_unescaped(std::string& out, std::string_view rest) {
  constexpr std::string_view letters = "bfnrt";
  constexpr std::string_view controls = "\b\f\n\r\t";
  for (;;) {
    const size_t backslash = rest.find('\\');
    out += rest.substr(0, backslash);
    if (backslash == std::string_view::npos || backslash + 1 >= rest.size()) return;
    const char letter = rest[backslash + 1];
    rest.remove_prefix(backslash + 2);
    const size_t place = letters.find(letter);
    if (letter == 'u')
      append_code(out, rest);
    else
      out += place == std::string_view::npos ? letter : controls[place];
  }
}

double nearest_double(std::string_view number) {
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  // Of those out of range it does not tell which way; strtod() does, in the C locale that sweepd stays in.
  return read.ec == std::errc::result_out_of_range ? std::strtod(std::string(number).c_str(), nullptr)
                                                   : value;
}

}  // namespace sweepd
