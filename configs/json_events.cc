// Hand-made since the libraries at hand tell no places while they read, which each event needs.
#include "configs/json_events.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "configs/text_position.h"
#include "runner/core/utf8.h"

namespace sweepd {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Where the list or object begins, or what stands in its place.
size_t beginning(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && (is_space(text[at]) || text[at] == '#'))
    at = text[at] == '#' ? std::min(text.find('\n', at), text.size()) : at + 1;
  return at;
}

/// Tells the marks of places that only move on, each counted from the one before.
class Marks {
 public:
  explicit Marks(std::string_view text) : text_(text) {}
  Mark at(size_t place) {
    for (; reached_ < place; ++reached_) {
      const char c = text_[reached_];
      if (c == '\n')
        ++mark_.line, mark_.column = 1;
      else if ((c & 0xC0) != 0x80)
        ++mark_.column;
    }
    return mark_;
  }

 private:
  std::string_view text_;
  size_t reached_ = 0;
  Mark mark_{1, 1};
};

/// By recursive descent, as deep as max_depth. Every reading function returns false where reading ends.
class JsonReader {
 public:
  JsonReader(std::string_view text, const std::string& file, YamlSink& sink)
      : text_(text), file_(file), sink_(sink), marks_(text), at_(beginning(text)) {}

  Result<void> run() {
    if (Result<void> good = check_characters(text_, file_); !good) return good;
    if (value()) {
      skip_space();
      if (at_ < text_.size()) wrong("there is text after the end of the value; remove it");
    }
    if (error_) return tl::unexpected(std::move(*error_));
    return {};
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  NodeProperties node() { return {marks_.at(at_), {}, {}}; }
  bool refuse(std::string message) {
    error_ = Error{std::move(message), position_in(text_, at_, file_)};
    return false;
  }
  bool wrong(std::string_view what) { return refuse("this is not valid JSON: " + std::string(what)); }

  bool value() {
    const char c = peek();
    if (c == '{') return collection(Collection::mapping, '}');
    if (c == '[') return collection(Collection::sequence, ']');
    if (c == '"') return string();
    return plain();
  }

  bool collection(Collection kind, char end) {
    if (++depth_ > max_depth)
      return refuse("lists and mappings are nested more than " + std::to_string(max_depth) + " deep");
    if (!sink_.begin(node(), kind)) return false;
    ++at_;
    skip_space();
    for (bool is_first = true; peek() != end; is_first = false) {
      if (!is_first && !comma(end)) return false;
      if (kind == Collection::mapping && !name()) return false;
      if (!value()) return false;
      skip_space();
    }
    ++at_;
    --depth_;
    return sink_.end();
  }

  bool comma(char end) {
    if (peek() != ',') return wrong(std::string("there should be ',' or '") + end + "' here");
    const size_t comma = at_++;
    skip_space();
    if (peek() != end) return true;
    at_ = comma;
    return wrong("nothing follows this comma; remove it");
  }

  bool name() {
    if (peek() != '"') return wrong("there should be a name in double quotes here");
    if (!string()) return false;
    skip_space();
    if (peek() != ':') return wrong("there should be ':' behind the name");
    ++at_;
    skip_space();
    return true;
  }

  bool string() {
    const NodeProperties where = node();
    string_.clear();
    const size_t quote = at_++;
    while (peek() != '"') {
      if (at_ == text_.size()) return at_ = quote, wrong("this string has no end; close it with a quote");
      if (static_cast<uint8_t>(peek()) < 0x20)
        return wrong("a string holds a control character; write it as an escape such as \\n");
      if (peek() == '\\') {
        if (!escape()) return false;
      } else {
        string_ += text_[at_++];
      }
    }
    ++at_;
    return sink_.scalar(where, string_, true);
  }

  bool escape() {
    constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
    if (text_.substr(at_).starts_with("\\u")) return character();
    const size_t kind = at_ + 1 < text_.size() ? letters.find(text_[at_ + 1]) : std::string_view::npos;
    if (kind == std::string_view::npos) return wrong("a string has an escape that JSON does not know");
    string_ += meant[kind];
    at_ += 2;
    return true;
  }

  /// \uXXXX, or two of them for a character beyond U+FFFF. A half without the other is left as it is.
  bool character() {
    const std::optional<uint32_t> unit = code_unit(at_);
    if (!unit) return wrong("there should be four hexadecimal digits behind \\u");
    at_ += 6;
    const uint32_t low = code_unit(at_).value_or(0);
    const bool is_pair = *unit >= 0xD800 && *unit < 0xDC00 && low >= 0xDC00 && low < 0xE000;
    if (is_pair) at_ += 6;
    append_utf8(string_, is_pair ? 0x10000 + ((*unit - 0xD800) << 10) + (low - 0xDC00) : *unit);
    return true;
  }

  /// Of the escape at `at`.
  std::optional<uint32_t> code_unit(size_t at) const {
    if (at + 6 > text_.size() || text_[at] != '\\' || text_[at + 1] != 'u') return std::nullopt;
    const char* digits = text_.data() + at + 2;
    uint32_t unit = 0;
    const auto [end, error] = std::from_chars(digits, digits + 4, unit, 16);
    return error == std::errc() && end == digits + 4 ? std::optional(unit) : std::nullopt;
  }

  bool plain() {
    const NodeProperties where = node();
    const size_t begin = at_;
    for (const std::string_view word : {"true", "false", "null"})
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return sink_.scalar(where, word, false);
      }
    // As Python writes them. They are no text, which they would be in YAML: the tag has them refused.
    for (const std::string_view word : {"NaN", "Infinity", "-Infinity"})
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return sink_.scalar({where.mark, "tag:yaml.org,2002:float", {}}, word, false);
      }
    if (number()) return sink_.scalar(where, text_.substr(begin, at_ - begin), false);
    at_ = begin;
    return wrong("there should be a value here");
  }

  bool number() {
    at_ += peek() == '-' ? 1 : 0;
    if (peek() == '0')
      ++at_;
    else if (!digits())
      return false;
    if (peek() == '.' && (++at_, !digits())) return false;
    if (peek() != 'e' && peek() != 'E') return true;
    ++at_;
    at_ += peek() == '-' || peek() == '+' ? 1 : 0;
    return digits();
  }

  bool digits() {
    const size_t begin = at_;
    while (is_digit(peek())) ++at_;
    return at_ > begin;
  }

  std::string_view text_;
  const std::string& file_;
  YamlSink& sink_;
  Marks marks_;
  size_t at_;
  size_t depth_ = 0;
  std::string string_;  ///< the one that was read last
  std::optional<Error> error_;
};

class NoSink : public YamlSink {
 public:
  bool scalar(const NodeProperties&, std::string_view, bool) override { return true; }
  bool begin(const NodeProperties&, Collection) override { return true; }
  bool end() override { return true; }
  bool alias(Mark, std::string_view) override { return true; }
};

}  // namespace

bool begins_as_json(std::string_view text) {
  const size_t at = beginning(text);
  return at < text.size() && (text[at] == '{' || text[at] == '[');
}

Result<void> read_json(std::string_view text, const std::string& file, YamlSink& sink) {
  return JsonReader(text, file, sink).run();
}

Result<void> check_json(std::string_view text, const std::string& file) {
  NoSink sink;
  return read_json(text, file, sink);
}

}  // namespace sweepd
