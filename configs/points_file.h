// Points listed in a file of their own: `parameters: {file: points.csv}`.
#pragma once

#include <string>
#include <string_view>

#include "runner/core/error.h"
#include "runner/core/space.h"
#include "runner/core/spaces.h"

namespace sweepd {

/// Reads the file at `path`; its name's ending tells the format, unless `separator` is given: the character
/// between cells. Messages call it `displayed`; `where` is the place that names the file, for what is wrong
/// with the file as a whole (missing, unreadable, no known ending).
Result<SpacePtr> load_points_file(const std::string& path, const std::string& displayed,
                                  const SourcePosition& where, std::string_view separator = {},
                                  Spellings spellings = Spellings::kept);

}  // namespace sweepd
