#include "configs/points_file.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "configs/points_readers.h"
#include "configs/source_text.h"

namespace sweepd {
namespace {

struct Format {
  std::string_view ending;
  PointsReader* read;
};
constexpr Format formats[] = {
    {".csv", read_csv},
    {".ndjson", read_ndjson},
    {".jsonl", read_ndjson},
    {".json", read_json_list},
};

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
  for (const Format& format : formats) {
    if (!known.empty()) known += &format == std::end(formats) - 1 ? " or " : ", ";
    known += format.ending;
  }
  return failure("cannot tell the format of '" + displayed + "' by its name; it should end in " + known,
                 where);
}

}  // namespace

Result<SpacePtr> load_points_file(const std::string& path, const std::string& displayed,
                                  const SourcePosition& where) {
  constexpr uint64_t most_bytes = uint64_t{64} << 30;
  const std::string ending = ending_of(path);
  const auto* const format = std::find_if(std::begin(formats), std::end(formats),
                                          [&](const Format& known) { return known.ending == ending; });
  if (format == std::end(formats)) return unknown_ending(displayed, where);
  Result<std::string> text = read_text_file(path, most_bytes);
  if (!text) return failure("cannot use '" + displayed + "': " + text.error().message, where);
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (std::string_view(*text).substr(0, 3) == byte_order_mark) text->erase(0, byte_order_mark.size());
  TableBuilder rows(displayed);
  if (Result<void> read = format->read(*text, displayed, rows); !read)
    return tl::unexpected(std::move(read.error()));
  text->clear();
  text->shrink_to_fit();  // before finish() takes memory of its own
  return rows.finish({displayed, 0, 0});
}

}  // namespace sweepd
