#include "runner/engine/json_scalar.h"

#include <charconv>
#include <limits>

#include "runner/core/json_text.h"

namespace sweepd {
namespace {

std::optional<double> special_value(std::string_view raw) {
  if (raw == "\"NaN\"") return std::numeric_limits<double>::quiet_NaN();
  if (raw == "\"Infinity\"") return std::numeric_limits<double>::infinity();
  if (raw == "\"-Infinity\"") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

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
  if (real.ec == std::errc::result_out_of_range) number.real = nearest_double(text);
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
