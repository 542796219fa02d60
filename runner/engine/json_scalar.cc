#include "runner/engine/json_scalar.h"

#include <charconv>
#include <limits>

namespace sweepd {
namespace {

std::optional<double> special_value(std::string_view raw) {
  if (raw == "\"NaN\"") return std::numeric_limits<double>::quiet_NaN();
  if (raw == "\"Infinity\"") return std::numeric_limits<double>::infinity();
  if (raw == "\"-Infinity\"") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The double nearest to a number that from_chars finds too large or too small.
double out_of_range_value(std::string_view text) {
  const bool negative = text.starts_with('-');
  const size_t exponent = text.find_first_of("eE");
  const bool tiny = exponent == std::string_view::npos ? text[negative ? 1 : 0] == '0'
                                                       : text.substr(exponent + 1).starts_with('-');
  const double size = tiny ? 0.0 : std::numeric_limits<double>::infinity();
  return negative ? -size : size;
}

void append_utf8(std::string& out, uint32_t code) {
  const auto put = [&out](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

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

}  // namespace

std::optional<Number> parse_number(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || !is_digit(digits[0])) return std::nullopt;
  const char* const end = text.data() + text.size();
  Number number;
  const auto integer = std::from_chars(text.data(), end, number.integer);
  if (integer.ec == std::errc{} && integer.ptr == end) {
    number.is_integer = true;
    number.real = static_cast<double>(number.integer);
    return number;
  }
  const auto real = std::from_chars(text.data(), end, number.real);
  if (real.ptr != end || real.ec == std::errc::invalid_argument) return std::nullopt;
  if (real.ec == std::errc::result_out_of_range) number.real = out_of_range_value(text);
  return number;
}

std::optional<Number> number_of(std::string_view raw) {
  if (raw == "true") return Number{true, 1, 1.0};
  if (raw == "false") return Number{true, 0, 0.0};
  if (const std::optional<double> special = special_value(raw)) return Number{false, 0, *special};
  return parse_number(raw);
}

void append_plain(std::string& out, std::string_view raw) {
  if (!is_string(raw) || raw.size() < 2) {
    out += raw;
    return;
  }
  append_unescaped(out, raw.substr(1, raw.size() - 2));
}

}  // namespace sweepd
