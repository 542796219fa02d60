#include "runner/engine/results_filter.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace sweepd {
namespace {

// Sweep files may also say +1 and .5, which JSON does not have.
std::optional<Number> typed_number(std::string_view typed) {
  if (typed.starts_with('+')) typed.remove_prefix(1);
  if (typed.starts_with('.')) return parse_number('0' + std::string(typed));
  return parse_number(typed);
}

Error unknown_parameter(const std::string& name, const std::vector<Column>& parameters) {
  std::string message = "no point has a parameter \"" + name + "\"; the parameters are ";
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (i > 0) message += ", ";
    message += parameters[i].name;
  }
  return Error{std::move(message), {}};
}

}  // namespace

Result<Condition> parse_condition(std::string_view text) {
  const size_t equals_sign = text.find('=');
  if (equals_sign == std::string_view::npos || equals_sign == 0)
    return failure("\"" + std::string(text) + "\" is not a condition; write name=value");
  return Condition{std::string(text.substr(0, equals_sign)), std::string(text.substr(equals_sign + 1))};
}

bool value_equals(std::string_view raw, std::string_view typed) {
  if (is_string(raw)) {
    std::string text;
    append_plain(text, raw);
    return text == typed;
  }
  if (raw.starts_with('[') || raw.starts_with('{'))
    return nlohmann::json::parse(raw, nullptr, false) == nlohmann::json::parse(typed, nullptr, false);
  const std::optional<Number> number = parse_number(raw);
  if (!number) return raw == typed;
  const std::optional<Number> wanted = typed_number(typed);
  if (!wanted) return false;
  return number->is_integer && wanted->is_integer ? number->integer == wanted->integer
                                                  : number->real == wanted->real;
}

bool value_equals(std::string_view raw, const Condition& condition) {
  if (value_equals(raw, condition.value)) return true;
  return condition.json &&
         (raw == *condition.json || (!is_string(raw) && value_equals(raw, *condition.json)));
}

Result<ResultsFilter> ResultsFilter::create(std::optional<bool> ok, std::vector<Condition> conditions,
                                            const std::vector<Column>& parameters) {
  for (const Condition& condition : conditions) {
    const auto has_name = [&](const Column& column) { return column.name == condition.name; };
    if (std::none_of(parameters.begin(), parameters.end(), has_name))
      return tl::unexpected(unknown_parameter(condition.name, parameters));
  }
  ResultsFilter filter;
  filter.ok_ = ok;
  filter.conditions_ = std::move(conditions);
  return filter;
}

bool ResultsFilter::matches(const ScannedRecord& record) {
  if (ok_ && *ok_ != record.ok) return false;
  if (conditions_.empty()) return true;
  if (!reader_.read(record.params, members_)) return false;
  return std::all_of(conditions_.begin(), conditions_.end(), [this](const Condition& condition) {
    const Member* member = find(members_, condition.name);
    return member != nullptr && value_equals(member->raw, condition);
  });
}

}  // namespace sweepd
