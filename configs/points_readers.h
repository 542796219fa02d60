// The readers of point files: each turns a text into rows, and fails at the first thing that is wrong in it.
// They know nothing of files; load_points_file() does.
#pragma once

#include <string>

#include "runner/core/error.h"
#include "runner/core/spaces.h"

namespace sweepd {

/// `text` is the whole file without a byte order mark, and may be used as working space; `file`
/// is for messages.
using PointsReader = Result<void>(std::string& text, const std::string& file, TableBuilder& rows);

/// CSV by RFC 4180: cells may be quoted, with "" for a quote; lines end in LF or CRLF. The first row has the
/// names. Spaces and tabs around unquoted cells do not count, and such cells mean what they would in YAML
/// (resolve_plain; an empty one is null); quoted cells are strings. Empty lines are skipped.
PointsReader read_csv;

/// One JSON object a line, its values scalars. Blank lines are skipped.
PointsReader read_ndjson;

/// One JSON list of objects whose values are scalars.
PointsReader read_json_list;

}  // namespace sweepd
