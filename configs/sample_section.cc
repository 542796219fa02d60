// `sample`: draws from a box of distributions.
#include <cmath>
#include <optional>

#include "configs/parameters_section.h"
#include "configs/scalars.h"
#include "configs/section.h"
#include "runner/core/spaces.h"

namespace sweepd {
namespace {

using Distribution = decltype(Dimension::distribution);

const Node* pair_of(const Node& node, std::string_view option, Complaints& complaints) {
  if (node.kind == NodeKind::sequence && node.children.size() == 2) return &node;
  complaints.add(node.mark, "'" + std::string(option) + "' must be [low, high]");
  return nullptr;
}

std::optional<std::pair<double, double>> read_interval(const Node& node, const std::string& option,
                                                       Complaints& complaints) {
  if (pair_of(node, option, complaints) == nullptr) return std::nullopt;
  const std::optional<double> low = read_real(*node.children[0], option, complaints);
  const std::optional<double> high = read_real(*node.children[1], option, complaints);
  if (!low || !high) return std::nullopt;
  return std::pair(*low, *high);
}

std::optional<int64_t> read_integer(const Node& node, const std::string& option, Complaints& complaints) {
  const Result<Value> value = scalar_value(node);
  if (value && value->type() == ValueType::integer) return value->integer();
  if (value && value->type() == ValueType::real && std::abs(value->real()) <= 0x1p53 &&
      value->real() == std::floor(value->real()))
    return static_cast<int64_t>(value->real());
  complaints.add(node.mark,
                 "'" + option + "' takes whole numbers; this is '" + node.text.substr(0, 60) + "'");
  return std::nullopt;
}

std::optional<Distribution> read_integers(const Node& node, const std::string& option,
                                          Complaints& complaints) {
  if (pair_of(node, option, complaints) == nullptr) return std::nullopt;
  const std::optional<int64_t> low = read_integer(*node.children[0], option, complaints);
  const std::optional<int64_t> high = read_integer(*node.children[1], option, complaints);
  if (!low || !high) return std::nullopt;
  return Integers{*low, *high};
}

std::optional<Distribution> read_choice_of(const Node& node, const std::string& option,
                                           const ParameterContext& context) {
  std::vector<Value> values;
  const size_t before = context.complaints.count();
  for (const Node* item : read_items(node, option, context.complaints))
    if (const std::optional<Value> value = context.read_value(*item, option)) values.push_back(*value);
  if (context.complaints.count() > before) return std::nullopt;
  return Choice{std::move(values)};
}

std::optional<Distribution> read_distribution(const Section& section, const ParameterContext& context) {
  Complaints& complaints = context.complaints;
  if (const Node* node = section.find("uniform"))
    if (const auto interval = read_interval(*node, section.option("uniform"), complaints))
      return Uniform{interval->first, interval->second};
  if (const Node* node = section.find("loguniform"))
    if (const auto interval = read_interval(*node, section.option("loguniform"), complaints))
      return LogUniform{interval->first, interval->second};
  if (const Node* node = section.find("integers"))
    return read_integers(*node, section.option("integers"), complaints);
  if (const Node* node = section.find("choice"))
    return read_choice_of(*node, section.option("choice"), context);
  return std::nullopt;
}

std::optional<Dimension> read_dimension(const Node& key, const Node& node, const ParameterContext& context) {
  Complaints& complaints = context.complaints;
  std::string complaint = complaint_about_name(key.text);
  if (!complaint.empty()) complaints.add(key.mark, std::move(complaint));
  const Section section(node, "sample.space." + key.text, {"uniform", "loguniform", "integers", "choice"},
                        complaints);
  if (!section.is_mapping()) return std::nullopt;
  if (node.pairs() != 1) {
    complaints.add(node.mark, "'" + key.text + "' must have one of uniform, loguniform, integers and choice");
    return std::nullopt;
  }
  std::optional<Distribution> distribution = read_distribution(section, context);
  if (!distribution) return std::nullopt;
  return Dimension{key.text, std::move(*distribution), complaints.position(node.mark)};
}

std::vector<Dimension> read_box(const Node& node, const ParameterContext& context) {
  Complaints& complaints = context.complaints;
  std::vector<Dimension> box;
  if (!expect_mapping(node, "sample.space", complaints)) return box;
  if (node.pairs() == 0)
    complaints.add(node.mark, "'sample.space' is empty; write such as {x: {uniform: [0, 1]}}");
  for (size_t i = 0; i < node.pairs(); ++i)
    if (std::optional<Dimension> dimension = read_dimension(node.key(i), node.value(i), context))
      box.push_back(std::move(*dimension));
  return box;
}

void complain_of_missing(const Section& section, std::string_view key, std::string_view example,
                         Complaints& complaints) {
  if (section.find(key) == nullptr)
    complaints.add(section.mark(),
                   "'sample' has no '" + std::string(key) + "'; add such as " + std::string(example));
}

}  // namespace

SpacePtr read_sample(const Node& node, const ParameterContext& context) {
  Complaints& complaints = context.complaints;
  const size_t before = complaints.count();
  const Section section(node, "sample", {"count", "method", "space"}, complaints);
  if (!section.is_mapping()) return nullptr;
  complain_of_missing(section, "count", "count: 1000", complaints);
  complain_of_missing(section, "space", "space: {x: {uniform: [0, 1]}}", complaints);
  std::optional<uint64_t> count;
  std::optional<SampleMethod> method = SampleMethod::random;
  std::vector<Dimension> box;
  if (const Node* value = section.find("count"))
    count = read_whole(*value, "sample.count", {1, max_points}, complaints);
  if (const Node* value = section.find("method"))
    method = read_enum<SampleMethod>(*value, "sample.method", complaints);
  if (const Node* value = section.find("space")) box = read_box(*value, context);
  if (complaints.count() > before || !count || !method) return nullptr;
  Result<SpacePtr> made =
      make_sample(*method, *count, std::move(box), context.seed, complaints.position(node.mark));
  if (made) return std::move(*made);
  complaints.add(made.error());
  return nullptr;
}

}  // namespace sweepd
