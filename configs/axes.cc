#include "configs/axes.h"

#include <optional>

#include "configs/nearest_name.h"
#include "configs/point_rows.h"
#include "configs/scalars.h"
#include "configs/section.h"
#include "runner/core/spaces.h"

namespace sweepd {
namespace {

SpacePtr taken(Result<SpacePtr> made, Complaints& complaints) {
  if (made) return std::move(*made);
  complaints.add(made.error());
  return nullptr;
}

SpacePtr read_list(const Node& key, const std::vector<const Node*>& items, const ParameterContext& context) {
  std::vector<Value> values;
  std::vector<SourcePosition> places;
  values.reserve(items.size());
  places.reserve(items.size());
  for (const Node* item : items) {
    const std::optional<Value> value = context.read_value(*item, key.text);
    if (!value) continue;
    values.push_back(*value);
    places.push_back(context.complaints.position(item->mark));
  }
  if (values.size() < items.size()) return nullptr;
  return taken(make_list(key.text, values, std::move(places)), context.complaints);
}

std::string why_no_number(const Node& item, const Result<Value>& value) {
  if (item.kind != NodeKind::scalar || item.text.empty())
    return " takes numbers; this is " + std::string(kind_name(item));
  if (!value) return ": " + value.error().message;
  const bool is_quoted = parse_decimal(item.text).has_value();
  return " takes numbers; this is '" + item.text.substr(0, 60) + "'" +
         (is_quoted ? " in quotes, which is text: take them away" : "");
}

/// The arguments of a generator: numbers, between `least` and `most` of them.
std::optional<std::vector<AxisBound>> read_numbers(const Node& node, std::string_view option, size_t least,
                                                   size_t most, std::string_view form,
                                                   Complaints& complaints) {
  const bool fits =
      node.kind == NodeKind::sequence && node.children.size() >= least && node.children.size() <= most;
  if (!fits) {
    complaints.add(node.mark, "'" + std::string(option) + "' must be " + std::string(form));
    return std::nullopt;
  }
  std::vector<AxisBound> numbers;
  for (const Node* item : node.children) {
    const Result<Value> value = scalar_value(*item);
    if (value && value->is_number())
      numbers.emplace_back(*value, item->text);
    else
      complaints.add(item->mark, "'" + std::string(option) + "'" + why_no_number(*item, value));
  }
  if (numbers.size() != node.children.size()) return std::nullopt;
  return numbers;
}

SpacePtr read_range(const Node& key, const Node& node, const std::string& option, Complaints& complaints) {
  const auto numbers =
      read_numbers(node, option, 1, 3, "[stop], [start, stop] or [start, stop, step]", complaints);
  if (!numbers) return nullptr;
  const AxisBound start = numbers->size() == 1 ? Value::of(int64_t{0}) : numbers->front();
  const AxisBound stop = numbers->size() == 1 ? numbers->front() : (*numbers)[1];
  const AxisBound step = numbers->size() == 3 ? numbers->back() : Value::of(int64_t{1});
  return taken(make_range(key.text, start, stop, step, complaints.position(node.mark)), complaints);
}

using SpacedMaker = Result<SpacePtr> (*)(std::string, AxisBound, AxisBound, uint64_t, SourcePosition);

SpacePtr read_spaced(const Node& key, const Node& node, const std::string& option, SpacedMaker make,
                     Complaints& complaints) {
  const auto numbers = read_numbers(node, option, 3, 3, "[start, stop, number of values]", complaints);
  if (!numbers) return nullptr;
  const std::optional<uint64_t> count =
      read_whole(*node.children[2], option + "[2]", {1, max_points}, complaints);
  if (!count) return nullptr;
  return taken(make(key.text, (*numbers)[0], (*numbers)[1], *count, complaints.position(node.mark)),
               complaints);
}

}  // namespace

SpacePtr read_axis(const Node& key, const Node& values, const ParameterContext& context) {
  Complaints& complaints = context.complaints;
  std::string complaint = complaint_about_name(key.text);
  if (!complaint.empty()) {
    complaints.add(key.mark, std::move(complaint));
    return nullptr;
  }
  if (values.kind == NodeKind::sequence) {
    if (!values.children.empty()) return read_list(key, values.children, context);
    complaints.add(values.mark, "the list of values of '" + key.text + "' is empty; give at least one");
    return nullptr;
  }
  if (values.kind == NodeKind::scalar) return read_list(key, {&values}, context);
  const std::vector<std::string_view> generators = {"range", "linspace", "geomspace"};
  if (values.pairs() != 1 || nearest_name(values.key(0).text, generators).empty()) {
    complaints.add(values.mark,
                   "'" + key.text +
                       "' must have one of range, linspace and geomspace; a mapping that is a value "
                       "stands in a list, such as [{a: 1}]");
    return nullptr;
  }
  const Section generator(values, key.text, generators, complaints);
  const std::string option = generator.option(values.key(0).text);
  if (const Node* node = generator.find("range")) return read_range(key, *node, option, complaints);
  if (const Node* node = generator.find("linspace"))
    return read_spaced(key, *node, option, make_linspace, complaints);
  if (const Node* node = generator.find("geomspace"))
    return read_spaced(key, *node, option, make_geomspace, complaints);
  return nullptr;
}

}  // namespace sweepd
