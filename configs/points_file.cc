#include "configs/points_file.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "configs/points_readers.h"
#include "configs/text_file.h"
#include "configs/text_position.h"

namespace sweepd {
namespace {

struct Format {
  std::string_view ending;
  PiecesReader* pieces;  ///< null: the text is read as a whole
};
constexpr Format formats[] = {
    {".csv", csv_pieces}, {".ndjson", ndjson_pieces}, {".jsonl", ndjson_pieces},
    {".tsv", tsv_pieces}, {".txt", line_pieces},      {".json", nullptr},
};
constexpr size_t piece_bytes = size_t{4} << 20;
constexpr size_t most_row_bytes = size_t{256} << 20;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// From the last point of the file's name on, in lower case.
std::string ending_of(const std::string& path) {
  const size_t name = path.rfind('/') + 1;  // npos + 1 is 0
  const size_t point = path.rfind('.');
  if (point == std::string::npos || point < name) return {};
  std::string ending = path.substr(point);
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return ending;
}

tl::unexpected<Error> unknown_ending(const std::string& displayed, const SourcePosition& where) {
  std::string known;
  for (const Format& format : formats) known += std::string(format.ending) + ", ";
  return failure("cannot tell the format of '" + displayed + "' by its name; it should end in " + known +
                     ".yml or .yaml, or have a separator: \";\" beside it, the character between cells",
                 where);
}

void drop_byte_order_mark(std::string& text) {
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
}

/// Moves the first `size` bytes of `text` into `piece`; the rest is little.
void take(std::string& text, size_t size, std::string& piece) {
  if (size == 0) return piece.clear();
  piece.swap(text);
  text.assign(piece, size);
  piece.resize(size);
}

Result<void> read_pieces(TextFile& source, const std::string& displayed, PieceReader& reader) {
  std::string text, piece;
  uint32_t line = 1;
  for (bool at_end = false, is_first = true; !at_end; is_first = false) {
    const Result<size_t> got = source.read(text, piece_bytes);
    if (!got) return failure(got.error().message, {displayed, 0, 0});
    at_end = *got == 0;
    if (is_first) drop_byte_order_mark(text);
    // A file of NULs, such as a sparse one, has no rows that could end.
    if (text.find('\0', text.size() - std::min(text.size(), *got)) != std::string::npos)
      return check_characters(text, displayed, line);
    const size_t whole = at_end ? text.size() : reader.whole_rows(text);
    if (whole == 0 && text.size() > most_row_bytes)
      return failure("this row is longer than " + std::to_string(most_row_bytes >> 20) + " MiB",
                     {displayed, line, 0});
    take(text, whole, piece);
    const auto lines = static_cast<uint32_t>(std::count(piece.begin(), piece.end(), '\n'));
    if (Result<void> read = reader.read(piece, line); !read) return read;
    line += lines;
  }
  return reader.finish();
}

Result<void> read_whole(TextFile& source, const std::string& displayed, TableBuilder& rows) {
  Result<std::string> text = read_text(source);
  if (!text) return failure(text.error().message, {displayed, 0, 0});
  drop_byte_order_mark(*text);
  return read_json_list(*text, displayed, rows);
}

}  // namespace

Result<SpacePtr> load_points_file(const std::string& path, const std::string& displayed,
                                  const SourcePosition& where, std::string_view separator,
                                  Spellings spellings) {
  const std::string ending = ending_of(path);
  const auto* const format = std::find_if(std::begin(formats), std::end(formats),
                                          [&](const Format& known) { return known.ending == ending; });
  const bool is_known = format != std::end(formats);
  if (!is_known && separator.empty()) return unknown_ending(displayed, where);
  const bool in_pieces = !separator.empty() || format->pieces != nullptr;
  auto source = TextFile::open(path, in_pieces ? points_limit : whole_points_limit);
  if (!source) return failure("cannot use '" + displayed + "': " + source.error().message, where);
  TableBuilder rows(displayed);
  Result<void> read;
  if (!separator.empty())
    read = read_pieces(*source, displayed, *cell_pieces(separator, displayed, rows));
  else if (in_pieces)
    read = read_pieces(*source, displayed, *format->pieces(displayed, rows));
  else
    read = read_whole(*source, displayed, rows);
  if (!read) return tl::unexpected(read.error());
  return rows.finish({displayed, 0, 0}, spellings);
}

}  // namespace sweepd
