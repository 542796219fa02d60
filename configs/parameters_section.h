// `parameters`: the forms a sweep's points are written in, made into one ParameterSpace.
#pragma once

#include <optional>
#include <string>

#include "configs/complaints.h"
#include "configs/document.h"
#include "configs/point_rows.h"
#include "runner/core/space.h"
#include "runner/core/space/text_arena.h"
#include "runner/core/spaces.h"

namespace sweepd {

/// What the forms need beside their own text.
struct ParameterContext {
  PointLists& lists;      ///< the lists of points that were streamed
  std::string directory;  ///< that points files are found from
  uint64_t seed;          ///< of the sweep, for samples
  Spellings spellings;    ///< whether they count
  Complaints& complaints;
  TextArena& texts;  ///< holds what values that are read on the way to their space are made of

  /// None, with a complaint, for what is no value.
  std::optional<Value> read_value(const Node& node, std::string_view parameter) const;
};

/// Null, with complaints, where `node` does not describe a space.
SpacePtr read_parameters(const Node& node, const ParameterContext& context);

/// `sample`, without what stands beside it.
SpacePtr read_sample(const Node& node, const ParameterContext& context);

/// `glob`, likewise: the parameter `file`, in order of the paths' bytes.
SpacePtr read_glob(const Node& node, const ParameterContext& context);

/// Points from a YAML file that is a list of mappings, read row by row. `displayed` is the file's name in
/// messages; `where` is the place in the sweep file that names it.
SpacePtr load_yaml_points(const std::string& path, const std::string& displayed, Mark where,
                          Complaints& complaints, Spellings spellings = Spellings::kept);

}  // namespace sweepd
