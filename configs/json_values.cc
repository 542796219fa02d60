#include "configs/json_values.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "configs/core_schema.h"
#include "configs/nested_value.h"
#include "configs/text_position.h"

namespace sweepd {
namespace {

namespace ondemand = simdjson::ondemand;

std::string text_of(simdjson::error_code error) {
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
Result<Written> number(std::string_view token, const JsonText& json) {
  const std::string_view text = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
  const std::optional<std::string_view> rest = after_whole_part(text);
  const bool is_number = rest && is_fraction_and_exponent(*rest);
  if (is_number)
    if (const Result<Written> value = written_plain(text)) return value;
  if (is_number && rest->empty())
    return json.fail("the number does not fit a 64-bit integer; quote it if it is meant as text",
                     token.data());
  return json.fail("this is not a number that JSON knows and a 64-bit float can hold; correct it",
                   token.data());
}

Result<Written> scalar(ondemand::value& value, const JsonText& json) {
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
    default:
      return number(token, json);
  }
  return json.fail("this is not valid JSON; correct it", token.data());
}

Result<void> append_list(ondemand::value& value, size_t depth, const JsonText& json, std::string& out);
Result<void> append_object(ondemand::value& value, size_t depth, const JsonText& json, std::string& out);

/// Writes a value inside of a list or an object.
Result<void> append_nested(ondemand::value& value, size_t depth, const JsonText& json, std::string& out) {
  const char* const at = value.raw_json_token().data();
  if (depth > max_value_depth)
    return json.fail("lists and objects are nested more than " + std::to_string(max_value_depth) + " deep",
                     at);
  if (*at == '[') return append_list(value, depth, json, out);
  if (*at == '{') return append_object(value, depth, json, out);
  const Result<Written> read = scalar(value, json);
  if (!read) return tl::unexpected(read.error());
  const Result<void> appended = append_inner(read->value, out);
  return appended ? appended : json.fail(appended.error().message, at);
}

Result<void> append_list(ondemand::value& value, size_t depth, const JsonText& json, std::string& out) {
  const char* const at = value.raw_json_token().data();
  ondemand::array list;
  if (const auto error = value.get_array().get(list)) return json.fail(error, at);
  char before = '[';
  for (auto element : list) {
    ondemand::value item;
    if (const auto error = element.get(item)) return json.fail(error, at);
    out += before;
    before = ',';
    if (Result<void> appended = append_nested(item, depth + 1, json, out); !appended) return appended;
  }
  out.append(before == '[' ? "[]" : "]");
  return {};
}

Result<void> append_object(ondemand::value& value, size_t depth, const JsonText& json, std::string& out) {
  const char* const at = value.raw_json_token().data();
  ondemand::object object;
  if (const auto error = value.get_object().get(object)) return json.fail(error, at);
  std::map<std::string, std::string> members;
  for (auto field : object) {
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return json.fail(error, at);
    if (key.find('\0') != std::string_view::npos)
      return json.fail("a name holds a NUL character; leave it out", at);
    const auto [member, is_new] = members.try_emplace(std::string(key));
    if (!is_new)
      return json.fail("the name '" + member->first.substr(0, 60) + "' stands twice here; keep one", at);
    ondemand::value inner;
    if (const auto error = field.value().get(inner)) return json.fail(error, at);
    if (Result<void> appended = append_nested(inner, depth + 1, json, member->second); !appended)
      return appended;
  }
  append_members(members, out);
  return {};
}

}  // namespace

SourcePosition JsonText::position_of(const char* at) const {
  const auto offset =
      std::clamp<std::ptrdiff_t>(at - text_.data(), 0, static_cast<std::ptrdiff_t>(text_.size()));
  return position_in(text_, static_cast<size_t>(offset), file_, first_line_);
}

tl::unexpected<Error> JsonText::fail(simdjson::error_code error, const char* at) const {
  return fail(text_of(error), at);
}

tl::unexpected<Error> JsonText::fail(simdjson::error_code error, ondemand::document& document) const {
  const char* at = nullptr;
  if (document.current_location().get(at) != simdjson::SUCCESS) at = end();
  return fail(error, at);
}

tl::unexpected<Error> JsonText::fail(simdjson::error_code error) const {
  return failure(text_of(error), {file_, first_line_, 0});
}

Result<Written> read_json_value(ondemand::value& value, const JsonText& json, std::string& nested) {
  const char first = value.raw_json_token()[0];
  if (first != '[' && first != '{') return scalar(value, json);
  nested.clear();
  if (Result<void> read = append_nested(value, 1, json, nested); !read) return tl::unexpected(read.error());
  return Value::json(nested);
}

}  // namespace sweepd
