#include "configs/scalars.h"

#include <charconv>
#include <cmath>

#include "configs/core_schema.h"
#include "configs/nearest_name.h"
#include "configs/nested_value.h"
#include "configs/units.h"
#include "runner/core/decimal.h"

namespace sweepd {
namespace {

std::string must_be(std::string_view option, std::string_view what, const Node& node) {
  std::string text = "'" + std::string(option) + "' must be " + std::string(what) + "; it is ";
  if (node.kind != NodeKind::scalar || node.is_null()) return text.append(kind_name(node));
  return text + "'" + node.text.substr(0, 60) + "'";
}

bool is_text(const Node& node) { return node.kind == NodeKind::scalar && !node.is_null(); }

/// `value` as its tag wants it.
Result<Value> as_tagged(const Value& value, const Node& node) {
  const ValueType type = value.type();
  if (node.tag == Tag::real && type == ValueType::integer)
    return Value::of(static_cast<double>(value.integer()));
  const bool fits = (node.tag == Tag::integer && type == ValueType::integer) ||
                    (node.tag == Tag::real && type == ValueType::real) ||
                    (node.tag == Tag::boolean && type == ValueType::boolean) ||
                    (node.tag == Tag::null && type == ValueType::null);
  if (fits) return value;
  if (node.text == "NaN" || node.text.ends_with("Infinity"))
    return failure("JSON has no number for " + node.text + "; write it as text, or leave the point out");
  return failure("'" + node.text.substr(0, 60) + "' is not what its tag says; change the tag or the value");
}

std::optional<uint64_t> digits_in(std::string_view digits, int base) {
  uint64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, number, base);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

}  // namespace

Result<Value> scalar_value(const Node& node) {
  if (node.kind != NodeKind::scalar)
    return failure("a value must be a single one: a number, text, true, false or null; this is " +
                   std::string(kind_name(node)));
  if (node.tag == Tag::string || (node.tag == Tag::none && node.quoted))
    return Value::of(std::string_view(node.text));
  Result<Value> value = resolve_plain(node.text);
  if (!value || node.tag == Tag::none) return value;
  return as_tagged(*value, node);
}

std::optional<Written> read_value(const Node& node, std::string_view parameter, std::string& json,
                                  Complaints& complaints) {
  if (node.kind != NodeKind::scalar) {
    json.clear();
    if (!append_nested(node, parameter, json, complaints)) return std::nullopt;
    return Value::json(json);
  }
  const Result<Value> value = scalar_value(node);
  if (!value) {
    complaints.add(node.mark, "'" + std::string(parameter) + "': " + value.error().message);
    return std::nullopt;
  }
  return value->has_text() || is_own_text(*value, node.text) ? Written(*value) : Written(*value, node.text);
}

std::optional<uint64_t> whole_number(const Node& node) {
  const bool may_be_number = node.tag == Tag::integer || node.tag == Tag::real || node.tag == Tag::none;
  if (node.kind != NodeKind::scalar || node.quoted || !may_be_number) return std::nullopt;
  const std::string_view text = node.text;
  if (text.starts_with("0x")) return digits_in(text.substr(2), 16);
  if (text.starts_with("0o")) return digits_in(text.substr(2), 8);
  const std::optional<Decimal> decimal = parse_decimal(text);
  if (!decimal || decimal->exponent < 0) return std::nullopt;
  const std::optional<Wide> number = scaled(decimal->digits, 10, decimal->exponent);
  if (!number || *number < 0 || *number > std::numeric_limits<uint64_t>::max()) return std::nullopt;
  return static_cast<uint64_t>(*number);
}

std::optional<std::string> read_text(const Node& node, std::string_view option, Complaints& complaints) {
  if (is_text(node)) return node.text;
  complaints.add(node.mark, must_be(option, "text", node));
  return std::nullopt;
}

std::optional<uint64_t> read_whole(const Node& node, std::string_view option, Bounds bounds,
                                   Complaints& complaints) {
  const std::optional<uint64_t> number = whole_number(node);
  if (number && *number >= bounds.least && *number <= bounds.most) return number;
  const std::string range =
      "a whole number from " + std::to_string(bounds.least) + " to " + std::to_string(bounds.most);
  complaints.add(node.mark, must_be(option, range, node));
  return std::nullopt;
}

std::optional<double> read_real(const Node& node, std::string_view option, Complaints& complaints) {
  const Result<Value> value = scalar_value(node);
  if (value && value->is_number() && std::isfinite(value->number())) return value->number();
  complaints.add(node.mark, must_be(option, "a number", node));
  return std::nullopt;
}

std::optional<bool> read_flag(const Node& node, std::string_view option, Complaints& complaints) {
  const Result<Value> value = scalar_value(node);
  if (value && value->type() == ValueType::boolean) return value->boolean();
  complaints.add(node.mark, must_be(option, "true or false", node));
  return std::nullopt;
}

std::optional<uint64_t> read_size(const Node& node, std::string_view option, Complaints& complaints) {
  const Result<uint64_t> size =
      is_text(node) ? parse_size(node.text) : failure(must_be(option, "a size such as 500M or 2GiB", node));
  if (size && *size > 0) return *size;
  if (size)
    complaints.add(node.mark, "'" + std::string(option) + "' must be more than nothing; write such as 2GiB");
  else
    complaints.add(node.mark, is_text(node) ? "'" + std::string(option) + "': " + size.error().message
                                            : size.error().message);
  return std::nullopt;
}

std::optional<Duration> read_duration(const Node& node, std::string_view option, Complaints& complaints) {
  if (!is_text(node)) {
    complaints.add(node.mark, must_be(option, "a duration such as 90s or 10m", node));
    return std::nullopt;
  }
  const Result<Duration> duration = parse_duration(node.text);
  if (duration) return *duration;
  complaints.add(node.mark, "'" + std::string(option) + "': " + duration.error().message);
  return std::nullopt;
}

std::optional<size_t> read_choice(const Node& node, std::string_view option,
                                  std::span<const std::string_view> names, Complaints& complaints) {
  if (is_text(node))
    for (size_t i = 0; i < names.size(); ++i)
      if (node.text == names[i]) return i;
  std::string text = "'" + std::string(option) + "' must be ";
  for (size_t i = 0; i < names.size(); ++i)
    text.append(i == 0 ? "" : i + 1 == names.size() ? " or " : ", ").append(names[i]);
  text.append("; it is ")
      .append(is_text(node) ? "'" + node.text.substr(0, 60) + "'" : std::string(kind_name(node)));
  const std::string_view near = nearest_name(node.text, {names.begin(), names.end()});
  if (!near.empty()) text.append("; did you mean '").append(near).append("'?");
  complaints.add(node.mark, std::move(text));
  return std::nullopt;
}

std::vector<const Node*> read_items(const Node& node, std::string_view option, Complaints& complaints) {
  if (is_text(node)) return {&node};
  if (node.kind == NodeKind::sequence && !node.children.empty()) return node.children;
  const std::string_view what = node.kind == NodeKind::sequence ? "an empty list" : kind_name(node);
  complaints.add(node.mark,
                 "'" + std::string(option) + "' must be a list such as [a, b]; it is " + std::string(what));
  return {};
}

}  // namespace sweepd
