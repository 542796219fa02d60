#include "runner/engine/record_reader.h"

#include <simdjson.h>

#include <charconv>
#include <limits>
#include <utility>

#include "runner/engine/line_reader.h"

namespace sweepd {
namespace {

using simdjson::ondemand::json_type;

static_assert(LineReader::padding >= simdjson::SIMDJSON_PADDING);

// The text of the value that is due, which is stepped over.
simdjson::error_code take_raw(simdjson::ondemand::value value, std::string_view& raw) {
  json_type type{};
  if (const auto error = value.type().get(type)) return error;
  if (type == json_type::object) {
    simdjson::ondemand::object object;
    if (const auto error = value.get_object().get(object)) return error;
    return object.raw_json().get(raw);
  }
  if (type == json_type::array) {
    simdjson::ondemand::array array;
    if (const auto error = value.get_array().get(array)) return error;
    return array.raw_json().get(raw);
  }
  raw = value.raw_json_token();
  const size_t last = raw.find_last_not_of(" \t\r\n");
  raw = raw.substr(0, last + 1);
  return simdjson::SUCCESS;
}

simdjson::error_code take_members(simdjson::ondemand::object object, Members& members) {
  for (auto entry : object) {
    simdjson::ondemand::field field;
    if (const auto error = std::move(entry).get(field)) return error;
    Member member;
    if (const auto error = field.unescaped_key().get(member.name)) return error;
    if (const auto error = take_raw(field.value(), member.raw)) return error;
    members.push_back(member);
  }
  return simdjson::SUCCESS;
}

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

struct RecordReader::Parser {
  simdjson::ondemand::parser parser;

  simdjson::error_code read(std::string_view raw, Members& members) {
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    const simdjson::padded_string_view padded(raw.data(), raw.size(), raw.size() + LineReader::padding);
    if (const auto error = parser.iterate(padded).get(document)) return error;
    if (const auto error = document.get_object().get(object)) return error;
    if (const auto error = take_members(object, members)) return error;
    const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    return at_end ? simdjson::SUCCESS : simdjson::TAPE_ERROR;
  }
};

RecordReader::RecordReader() : parser_(std::make_unique<Parser>()) {}
RecordReader::~RecordReader() = default;
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;

bool RecordReader::read(std::string_view raw, Members& members) {
  members.clear();
  return parser_->read(raw, members) == simdjson::SUCCESS;
}

bool RecordReader::read_result(std::string_view raw, Members& members) {
  if (raw.starts_with('{')) return read(raw, members);
  members.assign(1, Member{"result", raw});
  return !raw.empty();
}

const Member* find(const Members& members, std::string_view name, size_t& hint) {
  if (hint < members.size() && members[hint].name == name) return &members[hint];
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i].name != name) continue;
    hint = i;
    return &members[i];
  }
  return nullptr;
}

const Member* find(const Members& members, std::string_view name) {
  size_t hint = 0;
  return find(members, name, hint);
}

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
