// The core schema as hand-written recognisers: they stand on the path of every cell of a large point file.
#include "configs/core_schema.h"

#include <charconv>
#include <limits>
#include <optional>
#include <string>

#include "runner/core/json.h"

namespace sweepd {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool any_of(std::string_view text, std::string_view a, std::string_view b, std::string_view c) {
  return text == a || text == b || text == c;
}

std::string_view digits(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return text.substr(0, count);
}

/// What is left of `text` after `[eE][-+]?[0-9]+`; `text` itself where that does not match.
std::string_view after_exponent(std::string_view text) {
  if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return text;
  std::string_view rest = text.substr(1);
  if (!rest.empty() && (rest[0] == '+' || rest[0] == '-')) rest.remove_prefix(1);
  const size_t count = digits(rest).size();
  return count == 0 ? text : rest.substr(count);
}

/// `unsigned_text` matches (\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool is_float(std::string_view unsigned_text) {
  const size_t whole = digits(unsigned_text).size();
  std::string_view rest = unsigned_text.substr(whole);
  if (!rest.empty() && rest[0] == '.') {
    const size_t fraction = digits(rest.substr(1)).size();
    if (whole + fraction == 0) return false;
    rest.remove_prefix(1 + fraction);
  } else if (whole == 0) {
    return false;
  }
  return after_exponent(rest).empty();
}

tl::unexpected<Error> out_of_range(std::string_view text, const char* kind) {
  constexpr size_t shown = 40;
  std::string head(text.substr(0, shown));
  if (text.size() > shown) head += "...";
  return failure(head + " does not fit " + kind + "; quote it if it is meant as text");
}

/// `digits_text` in `base`; a minus sign allowed in front for base 10.
Result<Written> integer(std::string_view text, std::string_view digits_text, int base) {
  int64_t value = 0;
  const char* end = digits_text.data() + digits_text.size();
  const auto [rest, error] = std::from_chars(digits_text.data(), end, value, base);
  if (error == std::errc::result_out_of_range) return out_of_range(text, "a 64-bit integer");
  if (error != std::errc() || rest != end) return Value::of(text);
  return Value::of(value);
}

Result<Written> real(std::string_view text, std::string_view unsigned_text) {
  double value = 0;
  const char* end = unsigned_text.data() + unsigned_text.size();
  const auto [rest, error] = std::from_chars(unsigned_text.data(), end, value);
  if (error == std::errc::result_out_of_range) return out_of_range(text, "a 64-bit float");
  if (error != std::errc() || rest != end) return Value::of(text);
  return Value::of(text[0] == '-' ? -value : value);
}

/// Words that are not strings.
std::optional<Value> word(std::string_view text) {
  switch (text[0]) {
    case '~':
      if (text.size() == 1) return Value::null();
      break;
    case 'n':
    case 'N':
      if (any_of(text, "null", "Null", "NULL")) return Value::null();
      break;
    case 't':
    case 'T':
      if (any_of(text, "true", "True", "TRUE")) return Value::of(true);
      break;
    case 'f':
    case 'F':
      if (any_of(text, "false", "False", "FALSE")) return Value::of(false);
      break;
    default:
      break;
  }
  return std::nullopt;
}

/// `text` begins with a sign, a point or a digit.
Result<Written> number(std::string_view text) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const bool is_signed = text[0] == '-' || text[0] == '+';
  const std::string_view magnitude = text.substr(is_signed ? 1 : 0);
  if (!magnitude.empty() && digits(magnitude).size() == magnitude.size())
    return integer(text, text[0] == '+' ? magnitude : text, 10);
  if (text.size() > 2 && text.substr(0, 2) == "0o" && text[2] != '-') return integer(text, text.substr(2), 8);
  if (text.size() > 2 && text.substr(0, 2) == "0x" && text[2] != '-')
    return integer(text, text.substr(2), 16);
  if (any_of(magnitude, ".inf", ".Inf", ".INF")) return Value::of(text[0] == '-' ? -infinity : infinity);
  if (any_of(text, ".nan", ".NaN", ".NAN")) return Value::of(std::numeric_limits<double>::quiet_NaN());
  if (is_float(magnitude)) return real(text, magnitude);
  return Value::of(text);
}

/// Whether a float is one of no more than 15 digits, without an exponent, as append_json() writes it. Of two
/// such numbers no one double is the nearest to both, so nothing shorter reads back equal.
bool is_short_float(std::string_view text) {
  if (text[0] == '-') text.remove_prefix(1);
  const std::string_view whole = digits(text);
  if (whole.empty() || text.size() > 16 || text.size() < whole.size() + 2 || text[whole.size()] != '.')
    return false;
  const std::string_view fraction = text.substr(whole.size() + 1);
  if (digits(fraction).size() != fraction.size() || (whole[0] == '0' && whole.size() > 1)) return false;
  if (fraction == "0") return true;
  return fraction.back() != '0' && (whole[0] != '0' || !fraction.starts_with("0000"));
}

/// Without a spelling. Values are made where they stay: to copy one just made stalls the processor.
Result<Written> resolved(std::string_view text) {
  if (text.empty()) return Value::null();
  const char first = text[0];
  if (is_digit(first) || first == '-' || first == '+' || first == '.') return number(text);
  if (const std::optional<Value> value = word(text)) return *value;
  return Value::of(text);
}

}  // namespace

bool is_own_text(const Value& value, std::string_view text) {
  if (value.type() == ValueType::integer) {
    const std::string_view magnitude = text.substr(text[0] == '-' ? 1 : 0);
    return !magnitude.empty() && is_digit(magnitude[0]) && (magnitude[0] != '0' || text == "0");
  }
  if (value.type() == ValueType::real && is_short_float(text)) return true;
  thread_local std::string own;
  own.clear();
  append_text(own, value);
  return own == text;
}

Result<Written> written_plain(std::string_view text) {
  Result<Written> written = resolved(text);
  if (written && !written->value.has_text() && !is_own_text(written->value, text)) written->spelling = text;
  return written;
}

Result<Value> resolve_plain(std::string_view text) {
  const Result<Written> written = resolved(text);
  if (!written) return tl::unexpected(written.error());
  return written->value;
}

}  // namespace sweepd
