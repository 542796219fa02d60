// The readers of point files: each turns a text into rows, and fails at the first thing that is wrong in it.
// They know nothing of files; load_points_file() does.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runner/core/error.h"
#include "runner/core/spaces.h"

namespace sweepd {

/// `text` is the whole file without a byte order mark, and may be used as working space; `file`
/// is for messages.
using PointsReader = Result<void>(std::string& text, const std::string& file, TableBuilder& rows);

/// CSV by RFC 4180: cells may be quoted, with "" for a quote; lines end in LF or CRLF. The first row has the
/// names. Spaces and tabs around unquoted cells do not count, and such cells mean what they would in YAML
/// (resolve_plain; an empty one is null); quoted cells are strings. Empty lines are skipped, and those that
/// begin with '#', which are comments.
PointsReader read_csv;

/// One JSON object a line, its values scalars. Blank lines are skipped.
PointsReader read_ndjson;

/// One JSON list of objects whose values are scalars.
PointsReader read_json_list;

/// The same, of a text that comes in pieces, each of whole rows.
class PieceReader {
 public:
  virtual ~PieceReader() = default;
  /// How much of `text`, which begins with a row, are whole rows as far as can be told; the rest may go on.
  virtual size_t whole_rows(std::string_view text) const = 0;
  /// `first_line`: the number of the piece's first line in the file.
  virtual Result<void> read(std::string& piece, uint32_t first_line) = 0;
  /// After the last piece.
  virtual Result<void> finish() { return {}; }
};

using PiecesReader = std::unique_ptr<PieceReader>(const std::string& file, TableBuilder& rows);
PiecesReader csv_pieces;
PiecesReader tsv_pieces;
PiecesReader ndjson_pieces;

/// One text a line, the parameter `line`: its bytes without the LF or CRLF at its end. Empty lines count.
PiecesReader line_pieces;

/// As CSV, with `separator` for the comma: one character, but no quote, line end or '#'.
std::unique_ptr<PieceReader> cell_pieces(std::string_view separator, const std::string& file,
                                         TableBuilder& rows);

}  // namespace sweepd
