// Points files in YAML.
#include "configs/document.h"
#include "configs/parameters_section.h"
#include "configs/point_rows.h"
#include "configs/text_file.h"

namespace sweepd {
namespace {

SpacePtr read_points(const std::string& text, Spellings spellings, Complaints& complaints) {
  PointRows rows(complaints);
  const RowStreams whole_file = [&](std::span<const std::string_view> path) {
    return path.empty() ? RowStream{&rows, 0} : RowStream{};
  };
  const Document document = read_document(text, whole_file, complaints);
  if (document.root != nullptr && document.root->kind == NodeKind::rows)
    return rows.space(document.root->mark, spellings);
  if (complaints.empty())
    complaints.add(document.root != nullptr ? document.root->mark : Mark{},
                   "a points file must be a list of mappings, such as lines of '- {x: 1, y: 2}'");
  return nullptr;
}

}  // namespace

SpacePtr load_yaml_points(const std::string& path, const std::string& displayed, Mark where,
                          Complaints& complaints, Spellings spellings) {
  const Result<std::string> text = read_text_file(path, whole_points_limit);
  if (!text) {
    complaints.add(where, "cannot use '" + displayed + "': " + text.error().message);
    return nullptr;
  }
  Complaints found(displayed);
  SpacePtr space = read_points(*text, spellings, found);
  for (Error& error : std::move(found).sorted()) complaints.add(std::move(error));
  return space;
}

}  // namespace sweepd
