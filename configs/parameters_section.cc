#include "configs/parameters_section.h"

#include <filesystem>
#include <vector>

#include "configs/axes.h"
#include "configs/points_file.h"
#include "configs/scalars.h"
#include "configs/section.h"
#include "runner/core/spaces.h"

namespace sweepd {
namespace {

constexpr std::string_view form_names[] = {"grid", "zip", "file", "sample", "product", "concat"};

using Combine = Result<SpacePtr> (*)(std::vector<SpacePtr>, SourcePosition);

SpacePtr taken(Result<SpacePtr> made, Complaints& complaints) {
  if (made) return std::move(*made);
  complaints.add(made.error());
  return nullptr;
}

SpacePtr combined(std::vector<SpacePtr> parts, Combine combine, Mark where, Complaints& complaints) {
  for (const SpacePtr& part : parts)
    if (part == nullptr) return nullptr;
  return taken(combine(std::move(parts), complaints.position(where)), complaints);
}

/// `grid` and `zip`: axes.
SpacePtr read_axes(const Node& node, std::string_view form, Combine combine,
                   const ParameterContext& context) {
  if (!expect_mapping(node, form, context.complaints)) return nullptr;
  if (node.pairs() == 0) {
    context.complaints.add(node.mark, "'" + std::string(form) + "' is empty; write such as {x: [1, 2, 3]}");
    return nullptr;
  }
  std::vector<SpacePtr> axes;
  for (size_t i = 0; i < node.pairs(); ++i)
    axes.push_back(read_axis(node.key(i), node.value(i), context.complaints));
  return combined(std::move(axes), combine, node.mark, context.complaints);
}

/// `product` and `concat`: spaces.
SpacePtr read_parts(const Node& node, std::string_view form, Combine combine,
                    const ParameterContext& context) {
  if (node.kind != NodeKind::sequence || node.children.empty()) {
    context.complaints.add(node.mark, "'" + std::string(form) +
                                          "' must be a list of forms of parameters, such as "
                                          "[{grid: {...}}, {file: points.csv}]");
    return nullptr;
  }
  std::vector<SpacePtr> parts;
  for (const Node* part : node.children) parts.push_back(read_parameters(*part, context));
  return combined(std::move(parts), combine, node.mark, context.complaints);
}

SpacePtr read_file(const Node& node, const ParameterContext& context) {
  const std::optional<std::string> name = read_text(node, "file", context.complaints);
  if (!name) return nullptr;
  const std::filesystem::path path = std::filesystem::path(context.directory) / *name;
  const std::string extension = path.extension().string();
  if (extension == ".yaml" || extension == ".yml")
    return load_yaml_points(path.string(), *name, node.mark, context.complaints);
  return taken(load_points_file(path.string(), *name, context.complaints.position(node.mark)),
               context.complaints);
}

SpacePtr read_form(std::string_view form, const Node& node, const ParameterContext& context) {
  if (form == "grid") return read_axes(node, form, make_product, context);
  if (form == "zip") return read_axes(node, form, make_zip, context);
  if (form == "file") return read_file(node, context);
  if (form == "sample") return read_sample(node, context);
  return read_parts(node, form, form == "product" ? make_product : make_concat, context);
}

SpacePtr repeated(SpacePtr space, const Node& node, Complaints& complaints) {
  const std::optional<uint64_t> times = read_whole(node, "repeat", {1, max_points}, complaints);
  if (!times || space == nullptr) return nullptr;
  Result<SpacePtr> replicate =
      make_range("replicate", Value::of(int64_t{0}), Value::of(static_cast<int64_t>(*times)),
                 Value::of(int64_t{1}), complaints.position(node.mark));
  if (replicate)
    return combined({std::move(space), std::move(*replicate)}, make_product, node.mark, complaints);
  complaints.add(replicate.error());
  return nullptr;
}

SpacePtr read_list(const Node& node, Complaints& complaints) {
  PointRows rows(complaints);
  for (const Node* item : node.children) rows.row(*item);
  return rows.space(node.mark);
}

}  // namespace

SpacePtr read_parameters(const Node& node, const ParameterContext& context) {
  if (node.kind == NodeKind::rows) return context.lists.space(node);
  if (node.kind == NodeKind::sequence) return read_list(node, context.complaints);
  if (!expect_mapping(node, "parameters", context.complaints)) return nullptr;
  std::vector<std::string_view> known(std::begin(form_names), std::end(form_names));
  known.push_back("repeat");
  const size_t before = context.complaints.count();
  const Section section(node, "parameters", known, context.complaints);
  SpacePtr space;
  size_t forms = 0;
  for (const std::string_view form : form_names)
    if (const Node* value = section.find(form)) ++forms, space = read_form(form, *value, context);
  if (forms > 1)
    context.complaints.add(node.mark, "'parameters' has several forms; join them with product or concat");
  // An unknown key is most likely the form, misspelt, and has been complained about.
  if (forms == 0 && context.complaints.count() == before)
    context.complaints.add(node.mark, "'parameters' has no form; write such as grid: {x: [1, 2, 3]}");
  const Node* repeat = section.find("repeat");
  return repeat != nullptr ? repeated(std::move(space), *repeat, context.complaints) : space;
}

}  // namespace sweepd
