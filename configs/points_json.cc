// JSON objects as points, by simdjson's on-demand parser. Only scalar values are taken, so
// nothing here recurses.
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "configs/core_schema.h"
#include "configs/points_readers.h"
#include "configs/text_position.h"

namespace sweepd {
namespace {

namespace ondemand = simdjson::ondemand;

/// A JSON text being read: turns places in it into positions, and simdjson's errors into ours.
class JsonText {
 public:
  JsonText(std::string_view text, const std::string& file, uint32_t first_line)
      : text_(text), file_(file), first_line_(first_line) {}

  tl::unexpected<Error> fail(std::string message, const char* at) const {
    return failure(std::move(message), position_of(at));
  }
  tl::unexpected<Error> fail(simdjson::error_code error, ondemand::document& document) const {
    const char* at = nullptr;
    if (document.current_location().get(at) != simdjson::SUCCESS) at = end();
    return fail(text_of(error), at);
  }
  /// For a text that could not be begun with, so that no place in it is known.
  tl::unexpected<Error> fail(simdjson::error_code error) const {
    return failure(text_of(error), {file_, first_line_, 0});
  }

 private:
  const char* end() const { return text_.data() + text_.size(); }
  SourcePosition position_of(const char* at) const {
    const auto offset =
        std::clamp<std::ptrdiff_t>(at - text_.data(), 0, static_cast<std::ptrdiff_t>(text_.size()));
    return position_in(text_, static_cast<size_t>(offset), file_, first_line_);
  }
  static std::string text_of(simdjson::error_code error) {
    switch (error) {
      case simdjson::UTF8_ERROR:
        return "this is not valid UTF-8; save the file in UTF-8";
      case simdjson::UNCLOSED_STRING:
        return "a string has no end; close it with a quote";
      case simdjson::UNESCAPED_CHARS:
        return "a string holds a control character; write it as an escape such as \\n";
      case simdjson::CAPACITY:
        return "the text is larger than 4 GiB; write it as .ndjson, one object a line";
      case simdjson::STRING_ERROR:
        return "a string has an escape that JSON does not know; correct it";
      case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
        return "the text does not end with the end of its list or object; close it, or remove what follows";
      default:
        return "this is not valid JSON; correct it";
    }
  }

  std::string_view text_;
  const std::string& file_;
  uint32_t first_line_;
};

/// `text` from the first character on that is no digit; empty where there is none.
std::string_view after_digits(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of("0123456789"), text.size()));
}

/// What stands behind a number's whole part, or nothing where there is no such part (RFC 8259, section 6).
std::optional<std::string_view> after_whole_part(std::string_view text) {
  text.remove_prefix(text.starts_with('-') ? 1 : 0);
  const std::string_view rest = text.starts_with('0') ? text.substr(1) : after_digits(text);
  if (rest.size() == text.size()) return std::nullopt;
  return rest;
}

/// Whether `rest` is empty or a fraction, an exponent, or both.
bool is_fraction_and_exponent(std::string_view rest) {
  if (rest.starts_with('.')) {
    const std::string_view digits = rest.substr(1);
    rest = after_digits(digits);
    if (rest.size() == digits.size()) return false;
  }
  if (!rest.starts_with('e') && !rest.starts_with('E')) return rest.empty();
  rest.remove_prefix(1);
  rest.remove_prefix(rest.starts_with('+') || rest.starts_with('-') ? 1 : 0);
  return !rest.empty() && after_digits(rest).empty();
}

/// simdjson 3.0.1, which Debian 12 has, makes 0.0 of 3.14159265358979323846 and of other floats with more
/// than 19 digits: the value comes from the text, as in CSV and YAML.
Result<Value> number(std::string_view token, const JsonText& json) {
  const std::string_view text = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
  const std::optional<std::string_view> rest = after_whole_part(text);
  const bool is_number = rest && is_fraction_and_exponent(*rest);
  if (is_number)
    if (const Result<Value> value = resolve_plain(text)) return value;
  if (is_number && rest->empty())
    return json.fail("the number does not fit a 64-bit integer; quote it if it is meant as text",
                     token.data());
  return json.fail("this is not a number that JSON knows and a 64-bit float can hold; correct it",
                   token.data());
}

Result<Value> scalar(ondemand::value& value, const JsonText& json) {
  const std::string_view token = value.raw_json_token();
  switch (token[0]) {
    case '"': {
      std::string_view text;
      if (value.get_string().get(text) != simdjson::SUCCESS)
        return json.fail("a string has an escape that JSON does not know; correct it", token.data());
      if (text.find('\0') != std::string_view::npos)
        return json.fail("a string holds a NUL character; leave it out", token.data());
      return Value::of(text);
    }
    case 't':
    case 'f': {
      bool truth = false;
      if (value.get_bool().get(truth) == simdjson::SUCCESS) return Value::of(truth);
      break;
    }
    case 'n': {
      bool null = false;
      if (value.is_null().get(null) == simdjson::SUCCESS && null) return Value::null();
      break;
    }
    case '{':
    case '[':
      return json.fail(
          "a parameter's value is a nested list or object; give one value, or its JSON text as a string",
          token.data());
    default:
      return number(token, json);
  }
  return json.fail("this is not valid JSON; correct it", token.data());
}

Result<void> add_fields(ondemand::object& object, ondemand::document& document, const JsonText& json,
                        TableBuilder& rows) {
  for (auto field : object) {
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return json.fail(error, document);
    ondemand::value value;
    if (const auto error = field.value().get(value)) return json.fail(error, document);
    const Result<Value> read = scalar(value, json);
    if (!read) return tl::unexpected(read.error());
    if (Result<void> added = rows.add(key, *read); !added) return added;
  }
  return {};
}

/// Fails on anything after the value read.
Result<void> check_end(ondemand::document& document, const JsonText& json) {
  const char* at = nullptr;
  if (document.current_location().get(at) != simdjson::SUCCESS) return {};
  return json.fail("there is text after the end of the value; remove it", at);
}

constexpr const char* not_a_list = "this is not a list of objects; write [{\"name\": value, ...}, ...]";
constexpr const char* not_an_object = "this is not an object; write each point as {\"name\": value, ...}";

/// Parses texts that lie within one buffer, behind which there is room for simdjson to read on.
class PaddedBuffer {
 public:
  explicit PaddedBuffer(std::string& text) : text_(text) {
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  }

  simdjson::error_code parse(std::string_view part, ondemand::document& document) {
    const size_t behind = static_cast<size_t>(text_.data() + text_.size() - part.data());
    return parser_.iterate(part.data(), part.size(), behind + simdjson::SIMDJSON_PADDING).get(document);
  }

 private:
  const std::string& text_;
  ondemand::parser parser_;
};

Result<void> read_line(std::string_view line, uint32_t number, const std::string& file, PaddedBuffer& buffer,
                       TableBuilder& rows) {
  const JsonText json(line, file, number);
  ondemand::document document;
  if (const auto error = buffer.parse(line, document)) return json.fail(error);
  ondemand::object object;
  if (const auto error = document.get_object().get(object)) {
    const bool is_other = error == simdjson::INCORRECT_TYPE;
    return is_other ? json.fail(not_an_object, line.data()) : json.fail(error, document);
  }
  rows.begin_row(number);
  if (Result<void> added = add_fields(object, document, json, rows); !added) return added;
  return check_end(document, json);
}

/// Counts lines up to places that only move on.
class LineCount {
 public:
  explicit LineCount(const char* text) : reached_(text) {}
  uint32_t at(const char* place) {
    line_ += static_cast<uint32_t>(std::count(reached_, place, '\n'));
    reached_ = place;
    return line_;
  }

 private:
  const char* reached_;
  uint32_t line_ = 1;
};

Result<void> read_lines(std::string& text, const std::string& file, uint32_t first_line, TableBuilder& rows) {
  if (Result<void> good = check_characters(text, file, first_line); !good) return good;
  PaddedBuffer buffer(text);
  uint32_t number = first_line - 1;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = std::string_view(text).substr(start, end - start);
    ++number;
    start = end + 1;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (Result<void> read = read_line(line, number, file, buffer, rows); !read) return read;
  }
  return {};
}

class NdjsonPieces : public PieceReader {
 public:
  NdjsonPieces(const std::string& file, TableBuilder& rows) : file_(file), rows_(rows) {}
  size_t whole_rows(std::string_view text) const override {
    return text.rfind('\n') + 1;  // npos + 1 is 0
  }
  Result<void> read(std::string& piece, uint32_t first_line) override {
    return read_lines(piece, file_, first_line, rows_);
  }

 private:
  const std::string& file_;
  TableBuilder& rows_;
};

}  // namespace

std::unique_ptr<PieceReader> ndjson_pieces(const std::string& file, TableBuilder& rows) {
  return std::make_unique<NdjsonPieces>(file, rows);
}

Result<void> read_ndjson(std::string& text, const std::string& file, TableBuilder& rows) {
  return read_lines(text, file, 1, rows);
}

Result<void> read_json_list(std::string& text, const std::string& file, TableBuilder& rows) {
  if (Result<void> good = check_characters(text, file); !good) return good;
  PaddedBuffer buffer(text);
  const JsonText json(text, file, 1);
  ondemand::document document;
  if (const auto error = buffer.parse(text, document)) return JsonText(text, file, 0).fail(error);
  ondemand::array list;
  if (const auto error = document.get_array().get(list)) {
    const bool is_other = error == simdjson::INCORRECT_TYPE;
    return is_other ? json.fail(not_a_list, text.data()) : JsonText(text, file, 0).fail(error);
  }
  LineCount lines(text.data());
  for (auto element : list) {
    ondemand::value value;
    if (const auto error = element.get(value)) return json.fail(error, document);
    const char* at = value.raw_json_token().data();
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return json.fail(not_an_object, at);
    rows.begin_row(lines.at(at));
    if (Result<void> added = add_fields(object, document, json, rows); !added) return added;
  }
  return check_end(document, json);
}

}  // namespace sweepd
