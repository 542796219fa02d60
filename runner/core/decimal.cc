#include "runner/core/decimal.h"

#include <charconv>

namespace sweepd {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `[-+]?[0-9]+`, the text after the e.
std::optional<int> parse_exponent(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int exponent = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, exponent);
  if (error != std::errc() || rest != end) return std::nullopt;
  return exponent;
}

/// `[0-9]*(\.[0-9]*)?` with a digit somewhere.
std::optional<Decimal> parse_mantissa(std::string_view text) {
  Decimal made;
  int zeros = 0;  // read last, and not yet in `digits`
  bool has_digits = false, has_point = false;
  for (const char c : text) {
    if (c == '.' && !has_point) {
      has_point = true;
      continue;
    }
    if (!is_digit(c)) return std::nullopt;
    has_digits = true;
    if (has_point) --made.exponent;
    ++zeros;
    if (c == '0') continue;
    const std::optional<Wide> before = scaled(made.digits, 10, zeros);
    if (!before || __builtin_add_overflow(*before, c - '0', &made.digits)) return std::nullopt;
    zeros = 0;
  }
  if (!has_digits) return std::nullopt;
  made.exponent += zeros;
  return made;
}

}  // namespace

Decimal Decimal::of(int64_t number) {
  Decimal made{number, 0};
  if (number == 0) return made;
  for (; made.digits % 10 == 0; made.digits /= 10) ++made.exponent;
  return made;
}

std::optional<Decimal> parse_decimal(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  const size_t e = text.find_first_of("eE");
  const std::optional<int> exponent = e == text.npos ? 0 : parse_exponent(text.substr(e + 1));
  std::optional<Decimal> made = parse_mantissa(text.substr(0, e));
  if (!exponent || !made) return std::nullopt;
  if (made->digits == 0) return Decimal{};
  if (is_negative) made->digits = -made->digits;
  if (__builtin_add_overflow(made->exponent, *exponent, &made->exponent)) return std::nullopt;
  return made;
}

std::optional<Wide> scaled(Wide number, unsigned base, int power) {
  for (; power > 0 && number != 0; --power)
    if (__builtin_mul_overflow(number, Wide{base}, &number)) return std::nullopt;
  return number;
}

}  // namespace sweepd
