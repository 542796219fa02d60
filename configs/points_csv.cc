// Rows of a CSV text as points.
#include <unordered_set>
#include <utility>
#include <vector>

#include "configs/core_schema.h"
#include "configs/csv_cells.h"
#include "configs/points_readers.h"
#include "configs/text_position.h"

namespace sweepd {
namespace {

Result<void> check_header(const std::vector<Cell>& header, const CsvCells& csv) {
  if (header.size() == 1 && !header[0].quoted &&
      header[0].text.find_first_of(";\t") != std::string_view::npos)
    return failure("the header has no comma; separate cells by commas", csv.position_of(header[0].offset));
  std::unordered_set<std::string_view> names;
  for (const Cell& cell : header) {
    if (cell.text.empty())
      return failure("a column has no name; give every column one", csv.position_of(cell.offset));
    if (!names.insert(cell.text).second)
      return failure("the column '" + std::string(cell.text) + "' is there twice; rename one of the two",
                     csv.position_of(cell.offset));
  }
  return {};
}

std::string cells_text(size_t count) { return std::to_string(count) + (count == 1 ? " cell" : " cells"); }

Result<void> add_row(const std::vector<Cell>& header, const std::vector<Cell>& cells, const CsvCells& csv,
                     TableBuilder& rows) {
  if (cells.size() != header.size())
    return failure("this row has " + cells_text(cells.size()) + " and the header " +
                       std::to_string(header.size()) +
                       "; give every row as many, and quote cells that hold a comma",
                   csv.position_of(cells.front().offset));
  rows.begin_row(csv.line());
  for (size_t i = 0; i < cells.size(); ++i) {
    const Cell& cell = cells[i];
    const Result<Value> value = cell.quoted ? Value::of(cell.text) : resolve_plain(cell.text);
    if (!value) return failure(value.error().message, csv.position_of(cell.offset));
    if (Result<void> added = rows.add(header[i].text, *value); !added) return added;
  }
  return {};
}

}  // namespace

Result<void> read_csv(std::string& text, const std::string& file, TableBuilder& rows) {
  if (Result<void> good = check_characters(text, file); !good) return good;
  CsvCells csv(text, file);
  std::vector<Cell> header, cells;
  if (Result<void> read = csv.next_row(header); !read) return read;
  if (header.empty()) return failure("the file is empty; begin with a row of parameter names", {file, 0, 0});
  if (Result<void> good = check_header(header, csv); !good) return good;
  while (true) {
    if (Result<void> read = csv.next_row(cells); !read) return read;
    if (cells.empty()) return {};
    if (Result<void> added = add_row(header, cells, csv, rows); !added) return added;
  }
}

}  // namespace sweepd
