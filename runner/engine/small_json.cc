#include "runner/engine/small_json.h"

#include <limits>

namespace sweepd {
namespace {

using Json = nlohmann::ordered_json;

constexpr int deepest = 100;

/// Of brackets outside of strings; so a text that nobody meant costs no stack.
bool is_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string && c == '\\')
      ++at;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == '[' || c == '{') && ++depth > deepest)
      return true;
    else if (!in_string && (c == ']' || c == '}'))
      --depth;
  }
  return false;
}

bool is_text(const Json& json) {
  return json.is_string() && json.get_ref<const std::string&>().size() <= JsonFields::most_text;
}

}  // namespace

std::optional<Json> parse_small_json(std::string_view text) {
  if (is_deep(text)) return std::nullopt;
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

std::string small_json_text(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

const Json* JsonFields::find(const char* key) const {
  if (!has(key)) return nullptr;
  const Json& found = json_.at(key);
  return found.is_null() ? nullptr : &found;
}

void JsonFields::read(const char* key, std::string& into) {
  const Json* const found = find(key);
  if (found == nullptr) return;
  if (!is_text(*found)) return refuse();
  into = found->get<std::string>();
}

void JsonFields::read(const char* key, bool& into) {
  const Json* const found = find(key);
  if (found == nullptr) return;
  if (!found->is_boolean()) return refuse();
  into = found->get<bool>();
}

void JsonFields::read(const char* key, uint64_t& into) {
  const Json* const found = find(key);
  if (found == nullptr) return;
  if (!found->is_number_unsigned()) return refuse();
  into = found->get<uint64_t>();
}

void JsonFields::read(const char* key, uint32_t& into) {
  uint64_t number = into;
  read(key, number);
  if (number > std::numeric_limits<uint32_t>::max()) return refuse();
  into = static_cast<uint32_t>(number);
}

void JsonFields::read(const char* key, double& into) {
  const Json* const found = find(key);
  if (found == nullptr) return;
  if (!found->is_number()) return refuse();
  into = found->get<double>();
}

void JsonFields::read(const char* key, std::vector<std::string>& into) {
  const Json* const found = find(key);
  if (found == nullptr) return;
  if (!found->is_array()) return refuse();
  into.clear();
  for (const Json& each : *found) {
    if (!is_text(each)) return refuse();
    into.push_back(each.get<std::string>());
  }
}

}  // namespace sweepd
