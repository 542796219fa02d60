// `glob`: paths as points.
#include <optional>

#include "configs/glob.h"
#include "configs/parameters_section.h"
#include "configs/scalars.h"
#include "runner/core/printable.h"
#include "runner/core/spaces.h"
#include "runner/core/utf8.h"

namespace sweepd {
namespace {

std::string complaint_about_none(const std::string& pattern, const std::string& directory) {
  std::string text = "nothing matches '" + pattern + "' in the folder '" + printable_line(directory) + "'";
  if (pattern.find_first_of("~${") != std::string::npos)
    text += "; ~, $ and {...} are what a shell has, and have no meaning here";
  return text + "; correct it, or make the files first";
}

}  // namespace

SpacePtr read_glob(const Node& node, const ParameterContext& context) {
  const std::optional<std::string> pattern = read_text(node, "glob", context.complaints);
  if (!pattern) return nullptr;
  const auto complain = [&](std::string message) { context.complaints.add(node.mark, std::move(message)); };
  const auto paths = find_paths(context.directory, *pattern);
  if (!paths) return complain("'" + *pattern + "': " + paths.error().message + "; narrow it"), nullptr;
  if (paths->empty()) return complain(complaint_about_none(*pattern, context.directory)), nullptr;
  TableBuilder rows(context.complaints.file());
  for (const std::string& path : *paths) {
    if (valid_utf8(path) != path)
      return complain("the path '" + printable_line(path) + "' is no UTF-8, which JSON needs; rename it"),
             nullptr;
    rows.begin_row(node.mark.line);
    if (const Result<void> added = rows.add("file", Value::of(path)); !added) complain(added.error().message);
  }
  Result<SpacePtr> space = rows.finish(context.complaints.position(node.mark));
  if (space) return std::move(*space);
  context.complaints.add(space.error());
  return nullptr;
}

}  // namespace sweepd
