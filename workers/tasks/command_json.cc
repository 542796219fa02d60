#include "workers/tasks/command_json.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "runner/core/utf8.h"

namespace sweepd {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// A recursive-descent reader that writes what it reads. Every reading function returns false once something
// is wrong.
class Compactor {
 public:
  Compactor(std::string_view text, std::string& out) : text_(text), out_(out) {}

  Result<bool> run() {
    skip_space();
    if (at_end()) return failure("there is no JSON value");
    if (!value(0)) return problem();
    skip_space();
    if (!at_end()) wrong("more than one JSON value");
    if (wrong_ != nullptr) return problem();
    return non_finite_;
  }

 private:
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  void skip_space() {
    while (!at_end() && is_space(text_[at_])) ++at_;
  }
  bool wrong(const char* what) {
    wrong_ = what;
    return false;
  }
  tl::unexpected<Error> problem() const {
    return failure(std::string(wrong_) + " at byte " + std::to_string(at_));
  }

  bool value(size_t depth) {
    if (depth > max_json_depth) return wrong("deeper nesting than sweepd accepts");
    const char c = peek();
    if (c == '{') return list(depth, '}', true);
    if (c == '[') return list(depth, ']', false);
    if (c == '"') return string();
    if (c == '-' || is_digit(c)) return number();
    return word();
  }

  bool list(size_t depth, char end, bool has_names) {
    out_ += text_[at_++];
    skip_space();
    for (bool first = true; peek() != end; first = false) {
      if (!first && !separator(end)) return false;
      if (has_names && !name()) return false;
      if (!value(depth + 1)) return false;
      skip_space();
    }
    out_ += end;
    ++at_;
    return true;
  }

  bool separator(char end) {
    if (peek() != ',') return wrong(end == '}' ? "no ',' or '}'" : "no ',' or ']'");
    out_ += ',';
    ++at_;
    skip_space();
    return peek() == end ? wrong("no value after ','") : true;
  }

  bool name() {
    if (peek() != '"') return wrong("no name in quotes");
    if (!string()) return false;
    skip_space();
    if (peek() != ':') return wrong("no ':'");
    out_ += ':';
    ++at_;
    skip_space();
    return true;
  }

  bool string() {
    size_t copied = at_++;  // what precedes is in out_
    while (peek() != '"') {
      if (at_end()) return wrong("no end of a string");
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte < 0x20) return wrong("a control character in a string");
      if (byte == '\\') {
        if (!escape(copied)) return false;
      } else if (byte < 0x80) {
        ++at_;
      } else if (!multibyte()) {
        return false;
      }
    }
    ++at_;
    out_.append(text_, copied, at_ - copied);
    return true;
  }

  bool multibyte() {
    size_t bad = 0;
    const size_t length = utf8_character(text_.substr(at_), bad);
    at_ += length;
    return length > 0 ? true : wrong("invalid UTF-8 in a string");
  }

  bool escape(size_t& copied) {
    const size_t begin = at_++;
    const char kind = peek();
    if (kind != 'u') {
      if (kind == '\0' || std::string_view("\"\\/bfnrt").find(kind) == std::string_view::npos)
        return wrong("an unknown escape in a string");
      ++at_;
      return true;
    }
    const int32_t unit = code_unit(begin);
    if (unit < 0) return wrong("no four hexadecimal digits after \\u");
    at_ = begin + 6;
    if (unit < 0xD800 || unit > 0xDFFF) return true;
    const int32_t next = code_unit(at_);
    if (unit < 0xDC00 && next >= 0xDC00 && next <= 0xDFFF) {
      at_ += 6;
      return true;
    }
    out_.append(text_, copied, begin - copied).append("\\ufffd");
    copied = at_;
    return true;
  }

  // The number after the \u at `begin`, or -1.
  int32_t code_unit(size_t begin) const {
    if (text_.size() - begin < 6 || text_[begin] != '\\' || text_[begin + 1] != 'u') return -1;
    const char* digits = text_.data() + begin + 2;
    uint16_t unit = 0;
    const auto [end, error] = std::from_chars(digits, digits + 4, unit, 16);
    return error == std::errc() && end == digits + 4 ? unit : -1;
  }

  bool digits() {
    if (!is_digit(peek())) return wrong("no digit in a number");
    while (is_digit(peek())) ++at_;
    return true;
  }

  bool number() {
    const size_t begin = at_;
    if (peek() == '-') ++at_;
    if (is_letter(peek())) return non_finite(begin);
    if (peek() == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (peek() == '.' && (++at_, !digits())) return false;
    if ((peek() == 'e' || peek() == 'E') && !exponent()) return false;
    append_number(text_.substr(begin, at_ - begin));
    return true;
  }

  bool exponent() {
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    return digits();
  }

  void append_number(std::string_view number) {
    double value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    const bool is_too_large = error == std::errc::result_out_of_range && !is_tiny(number);
    if (is_too_large) {
      non_finite_ = true;
      out_ += number.front() == '-' ? "\"-Infinity\"" : "\"Infinity\"";
    } else {
      out_ += number;
    }
  }

  // Of a number out of range: whether it is too close to 0, rather than too large.
  static bool is_tiny(std::string_view number) {
    const size_t mark = number.find_first_of("eE");
    if (mark != std::string_view::npos) return number[mark + 1] == '-';
    return number.starts_with("0.") || number.starts_with("-0.");
  }

  std::string_view letters() {
    const size_t begin = at_;
    while (is_letter(peek())) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  bool word() {
    const size_t begin = at_;
    const std::string_view word = letters();
    if (word == "true" || word == "false" || word == "null") {
      out_ += word;
      return true;
    }
    at_ = begin;
    return non_finite(begin);
  }

  bool non_finite(size_t begin) {
    std::string word(letters());
    std::ranges::transform(word, word.begin(), [](char c) { return static_cast<char>(c | 0x20); });
    const bool is_negative = text_.substr(begin).starts_with('-');
    non_finite_ = true;
    if (word == "nan") {
      out_ += "\"NaN\"";
    } else if (word == "inf" || word == "infinity") {
      out_ += is_negative ? "\"-Infinity\"" : "\"Infinity\"";
    } else {
      at_ = begin;
      return wrong("no JSON value");
    }
    return true;
  }

  std::string_view text_;
  std::string& out_;
  size_t at_ = 0;
  bool non_finite_ = false;
  const char* wrong_ = nullptr;
};

}  // namespace

Result<bool> append_compact_json(std::string_view text, std::string& out) {
  return Compactor(text, out).run();
}

}  // namespace sweepd
