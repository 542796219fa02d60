// JSON text by std::to_chars, whose doubles are the shortest that read back equal.
#include "runner/core/json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace sweepd {
namespace {

constexpr std::string_view nan_text = "\"NaN\"";
constexpr std::string_view infinity_text = "\"Infinity\"";
constexpr std::string_view minus_infinity_text = "\"-Infinity\"";

template <typename Integer>
void append_integer(std::string& out, Integer value) {
  char text[24];
  out.append(text, static_cast<size_t>(std::to_chars(text, text + sizeof text, value).ptr - text));
}

constexpr std::array<bool, 256> make_escaped() {
  std::array<bool, 256> escaped{};
  for (size_t control = 0; control < 0x20; ++control) escaped[control] = true;
  escaped['"'] = escaped['\\'] = true;
  return escaped;
}
constexpr std::array<bool, 256> escaped_bytes = make_escaped();

void append_escape(std::string& out, unsigned char byte) {
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const char text[6] = {'\\', 'u', '0', '0', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
  out.append(text, sizeof text);
}

/// `digits` with the decimal point after the first `whole` of them; `whole` may lie outside of the digits.
char* write_fixed(char* out, std::string_view digits, int whole) {
  const int count = static_cast<int>(digits.size());
  if (whole <= 0) {
    *out++ = '0';
    *out++ = '.';
    for (int zero = whole; zero < 0; ++zero) *out++ = '0';
    return std::copy(digits.begin(), digits.end(), out);
  }
  for (int i = 0; i < whole; ++i) *out++ = i < count ? digits[static_cast<size_t>(i)] : '0';
  *out++ = '.';
  if (whole >= count) *out++ = '0';
  for (int i = whole; i < count; ++i) *out++ = digits[static_cast<size_t>(i)];
  return out;
}

/// Finite and not whole, or too large to be written as an integer.
void append_real(std::string& out, double value) {
  char scientific[32];
  const char* end = std::to_chars(scientific, scientific + sizeof scientific, std::fabs(value),
                                  std::chars_format::scientific)
                        .ptr;
  const char* mark =
      static_cast<const char*>(std::memchr(scientific, 'e', static_cast<size_t>(end - scientific)));
  int exponent = 0;
  std::from_chars(mark + (mark[1] == '+' ? 2 : 1), end, exponent);
  if (value < 0) out += '-';
  if (exponent < -4 || exponent >= 16) {
    out.append(scientific, static_cast<size_t>(end - scientific));
    return;
  }
  char digits[24];
  digits[0] = scientific[0];
  const size_t count = mark - scientific > 2 ? static_cast<size_t>(mark - scientific) - 1 : 1;
  std::memcpy(digits + 1, scientific + 2, count - 1);
  char fixed[32];
  const char* fixed_end = write_fixed(fixed, {digits, count}, exponent + 1);
  out.append(fixed, static_cast<size_t>(fixed_end - fixed));
}

std::string_view unquoted(std::string_view text) { return text.substr(1, text.size() - 2); }

}  // namespace

void append_json(std::string& out, bool value) { out += value ? std::string_view("true") : "false"; }
void append_json(std::string& out, int64_t value) { append_integer(out, value); }
void append_json(std::string& out, uint64_t value) { append_integer(out, value); }

void append_json(std::string& out, double value) {
  constexpr double exact = 9007199254740992.0;  // 2^53
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? nan_text : value > 0 ? infinity_text : minus_infinity_text;
  } else if (std::fabs(value) < exact && value == std::trunc(value)) {
    if (value == 0 && std::signbit(value)) out += '-';
    append_integer(out, static_cast<int64_t>(value));
    out.append(".0", 2);
  } else {
    append_real(out, value);
  }
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  size_t written = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!escaped_bytes[byte]) continue;
    out.append(text, written, i - written);
    append_escape(out, byte);
    written = i + 1;
  }
  out.append(text, written, text.size() - written);
  out += '"';
}

void append_json(std::string& out, const Value& value) {
  switch (value.type()) {
    case ValueType::null:
      out.append("null", 4);
      return;
    case ValueType::boolean:
      append_json(out, value.boolean());
      return;
    case ValueType::integer:
      append_json(out, value.integer());
      return;
    case ValueType::real:
      append_json(out, value.real());
      return;
    case ValueType::string:
      append_json(out, value.string());
      return;
    case ValueType::json:
      out += value.json();
      return;
  }
}

void append_json(std::string& out, const Point& point) {
  out += '{';
  bool first = true;
  for (const Parameter& parameter : point) {
    if (!first) out += ',';
    first = false;
    append_json(out, parameter.name);
    out += ':';
    append_json(out, parameter.value);
  }
  out += '}';
}

void append_text(std::string& out, const Value& value) {
  if (value.is_spelled()) {
    out += value.spelling();
  } else if (value.type() == ValueType::string) {
    out += value.string();
  } else if (value.type() == ValueType::real && !std::isfinite(value.real())) {
    out += std::isnan(value.real()) ? unquoted(nan_text)
           : value.real() > 0       ? unquoted(infinity_text)
                                    : unquoted(minus_infinity_text);
  } else {
    append_json(out, value);
  }
}

}  // namespace sweepd
