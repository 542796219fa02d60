// JSON objects as points, by simdjson's on-demand parser.
#include <simdjson.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "configs/json_values.h"
#include "configs/points_readers.h"
#include "configs/text_position.h"

namespace sweepd {
namespace {

namespace ondemand = simdjson::ondemand;

Result<void> add_fields(ondemand::object& object, ondemand::document& document, const JsonText& json,
                        TableBuilder& rows) {
  std::string nested;
  for (auto field : object) {
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return json.fail(error, document);
    ondemand::value value;
    if (const auto error = field.value().get(value)) return json.fail(error, document);
    const Result<Written> read = read_json_value(value, json, nested);
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
