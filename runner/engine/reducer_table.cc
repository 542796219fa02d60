#include "runner/engine/reducer_table.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/engine/line_reader.h"
#include "runner/engine/record_reader.h"
#include "runner/engine/text_table.h"

namespace sweepd {
namespace {

/// Cells by name; names in order of first appearance.
class Cells {
 public:
  void add(std::string name, std::string_view raw) {
    std::string text;
    append_plain(text, raw);
    const auto place = std::find(names.begin(), names.end(), name);
    const auto column = static_cast<size_t>(place - names.begin());
    if (place == names.end()) names.push_back(std::move(name));
    if (rows.back().size() <= column) rows.back().resize(column + 1);
    rows.back()[column] = terminal_text(text, TextTable::max_cell_width);
  }

  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
};

/// A float in seven digits; what is exact stands in results.json.
std::string rounded(std::string_view raw) {
  double value = 0;
  const auto read = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (raw.find_first_of(".eE") == std::string_view::npos || read.ec != std::errc{}) return std::string(raw);
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value, std::chars_format::general, 7).ptr};
}

void add_row(const std::string& json, Cells& cells) {
  const std::string padded = json + std::string(LineReader::padding, ' ');
  RecordReader rows;
  RecordReader inner;
  RecordReader innermost;
  Members row;
  Members members;
  Members statistics;
  cells.rows.emplace_back();
  if (!rows.read(std::string_view(padded).substr(0, json.size()), row)) return;
  const Member* by = find(row, "by");
  const Member* count = find(row, "count");
  const Member* fields = find(row, "fields");
  if (by == nullptr || count == nullptr || fields == nullptr) return;
  inner.read(by->raw, members);
  for (const Member& parameter : members) cells.add(std::string(parameter.name), parameter.raw);
  cells.add("count", count->raw);
  inner.read(fields->raw, members);
  for (const Member& field : members) {
    innermost.read(field.raw, statistics);
    for (const Member& statistic : statistics)
      cells.add(std::string(field.name) + ' ' + std::string(statistic.name), rounded(statistic.raw));
  }
}

}  // namespace

std::string reduced_table(const ReducedRows& reduced, size_t max_rows) {
  const size_t shown = std::min(reduced.rows.size(), max_rows);
  std::string text;
  if (shown == 0) return text;
  Cells cells;
  for (size_t i = 0; i < shown; ++i) add_row(reduced.rows[i], cells);
  TextTable table(std::move(cells.names));
  for (const std::vector<std::string>& row : cells.rows) table.learn(row);
  table.append_header(text);
  for (const std::vector<std::string>& row : cells.rows) table.append(text, row);
  const uint64_t more = reduced.total - shown;
  if (more > 0)
    text += "… " + std::to_string(more) + (more == 1 ? " more row" : " more rows") + " in results.json\n";
  return text;
}

}  // namespace sweepd
