#include "runner/core/command_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <system_error>
#include <vector>

#include "runner/core/json.h"
#include "runner/core/json_text.h"
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

  tl::expected<bool, JsonFault> run() {
    skip_space();
    if (at_end()) return tl::unexpected(JsonFault{"there is no JSON value", at_, true});
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
  tl::unexpected<JsonFault> problem() const {
    return tl::unexpected(JsonFault{std::string(wrong_) + " at byte " + std::to_string(at_), at_, at_end()});
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
    const size_t begin = at_;
    const size_t names_before = names_.size();
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
    return names_.size() == names_before || are_unique(names_before, begin);
  }

  /// The names from number `first` on are those of the object at `begin`, which ends here.
  bool are_unique(size_t first, size_t begin) {
    const auto names = names_.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(names, names_.end());
    const auto twin = std::adjacent_find(names, names_.end());
    if (twin == names_.end()) {
      names_.erase(names, names_.end());
      return true;
    }
    at_ = begin;
    std::string shown;
    append_valid_utf8(std::string_view(*twin).substr(0, 60), shown);
    append_json(twin_ = "the name ", std::string_view(shown));
    return wrong((twin_ += " stands twice in the object").c_str());
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
    const size_t begin = at_ + 1;
    if (!string()) return false;
    append_unescaped(names_.emplace_back(), text_.substr(begin, at_ - 1 - begin));
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
    if (std::isinf(nearest_double(number))) {
      non_finite_ = true;
      out_ += number.front() == '-' ? "\"-Infinity\"" : "\"Infinity\"";
    } else {
      out_ += number;
    }
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
  std::vector<std::string> names_;  // of the objects that are begun
  std::string twin_;
};

}  // namespace

tl::expected<bool, JsonFault> append_compact_json(std::string_view text, std::string& out) {
  return Compactor(text, out).run();
}

}  // namespace sweepd
