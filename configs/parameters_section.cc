#include "configs/parameters_section.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "configs/axes.h"
#include "configs/points_file.h"
#include "configs/scalars.h"
#include "configs/section.h"
#include "runner/core/spaces.h"

namespace sweepd {
namespace {

constexpr std::string_view form_names[] = {"grid", "zip", "file", "glob", "sample", "product", "concat"};

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
  for (size_t i = 0; i < node.pairs(); ++i) axes.push_back(read_axis(node.key(i), node.value(i), context));
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

/// One character that cells may have between them; empty, with a complaint, where it is none.
std::string read_separator(const Node& node, Complaints& complaints) {
  const std::string& text = node.text;
  const auto first_bytes = std::count_if(text.begin(), text.end(),
                                         [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; });
  if (node.kind == NodeKind::scalar && first_bytes == 1 && text.find_first_of("\"#\r\n") == std::string::npos)
    return text;
  complaints.add(
      node.mark,
      "'separator' must be the one character between cells, in double quotes, such as \";\" or \"\\t\", and "
      "no quote, # or line end");
  return {};
}

bool is_yaml(std::string_view ending) { return ending == ".yaml" || ending == ".yml"; }

SpacePtr read_file(const Node& node, const Node* separator, const ParameterContext& context) {
  const std::optional<std::string> name = read_text(node, "file", context.complaints);
  const std::string between = separator == nullptr ? "" : read_separator(*separator, context.complaints);
  if (!name || (separator != nullptr && between.empty())) return nullptr;
  const std::filesystem::path path = std::filesystem::path(context.directory) / *name;
  const std::string ending = path.extension().string();
  if (separator != nullptr &&
      (is_yaml(ending) || ending == ".json" || ending == ".jsonl" || ending == ".ndjson")) {
    context.complaints.add(separator->mark,
                           "'separator' is for files with cells, such as .csv; leave it out");
    return nullptr;
  }
  if (is_yaml(ending))
    return load_yaml_points(path.string(), *name, node.mark, context.complaints, context.spellings);
  return taken(load_points_file(path.string(), *name, context.complaints.position(node.mark), between,
                                context.spellings),
               context.complaints);
}

SpacePtr read_form(std::string_view form, const Section& section, const ParameterContext& context) {
  const Node& node = *section.find(form);
  if (form == "grid") return read_axes(node, form, make_product, context);
  if (form == "zip") return read_axes(node, form, make_zip, context);
  if (form == "file") return read_file(node, section.find("separator"), context);
  if (form == "glob") return read_glob(node, context);
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

SpacePtr read_list(const Node& node, const ParameterContext& context) {
  PointRows rows(context.complaints);
  for (const Node* item : node.children) rows.row(*item);
  return rows.space(node.mark, context.spellings);
}

}  // namespace

std::optional<Value> ParameterContext::read_value(const Node& node, std::string_view parameter) const {
  std::string json;
  const std::optional<Written> written = sweepd::read_value(node, parameter, json, complaints);
  if (!written) return std::nullopt;
  return texts.keep(spellings == Spellings::kept ? *written : written->value);
}

SpacePtr read_parameters(const Node& node, const ParameterContext& context) {
  if (node.kind == NodeKind::rows) return context.lists.space(node, context.spellings);
  if (node.kind == NodeKind::sequence) return read_list(node, context);
  if (!expect_mapping(node, "parameters", context.complaints)) return nullptr;
  std::vector<std::string_view> known(std::begin(form_names), std::end(form_names));
  known.insert(known.end(), {"repeat", "separator"});
  const size_t before = context.complaints.count();
  const Section section(node, "parameters", known, context.complaints);
  SpacePtr space;
  size_t forms = 0;
  for (const std::string_view form : form_names)
    if (section.find(form) != nullptr) ++forms, space = read_form(form, section, context);
  if (forms > 1)
    context.complaints.add(node.mark, "'parameters' has several forms; join them with product or concat");
  // An unknown key is most likely the form, misspelt, and has been complained about.
  if (forms == 0 && context.complaints.count() == before)
    context.complaints.add(node.mark, "'parameters' has no form; write such as grid: {x: [1, 2, 3]}");
  if (const Node* key = section.find_key("separator"); key != nullptr && section.find("file") == nullptr)
    context.complaints.add(key->mark, "'separator' stands beside 'file' only; leave it out");
  const Node* repeat = section.find("repeat");
  return repeat != nullptr ? repeated(std::move(space), *repeat, context.complaints) : space;
}

}  // namespace sweepd
