// Rows of a CSV text as points.
#include <algorithm>
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

/// The end of the last line whose newline is in no quoted cell; 0: there is none.
size_t end_of_rows(std::string_view text) {
  const auto quotes_in = [](std::string_view part) { return std::count(part.begin(), part.end(), '"'); };
  auto before = quotes_in(text);  // quotes before `end`
  for (size_t end = text.size();;) {
    const size_t newline = text.substr(0, end).rfind('\n');
    if (newline == std::string_view::npos) return 0;
    before -= quotes_in(text.substr(newline, end - newline));
    if (before % 2 == 0) return newline + 1;
    end = newline;
  }
}

class CsvPieces : public PieceReader {
 public:
  CsvPieces(const std::string& file, TableBuilder& rows) : file_(file), rows_(rows) {}

  size_t whole_rows(std::string_view text) const override { return end_of_rows(text); }

  Result<void> read(std::string& piece, uint32_t first_line) override {
    if (Result<void> good = check_characters(piece, file_, first_line); !good) return good;
    CsvCells csv(piece, file_, first_line);
    while (true) {
      if (Result<void> read = csv.next_row(cells_); !read) return read;
      if (cells_.empty()) return {};
      Result<void> taken = header_.empty() ? take_header(csv) : add_row(csv);
      if (!taken) return taken;
    }
  }

  Result<void> finish() override {
    if (!header_.empty()) return {};
    return failure("the file is empty; begin with a row of parameter names", {file_, 0, 0});
  }

 private:
  Result<void> take_header(const CsvCells& csv) {
    if (Result<void> good = check_header(cells_, csv); !good) return good;
    for (const Cell& cell : cells_) header_.emplace_back(cell.text);
    return {};
  }

  Result<void> add_row(const CsvCells& csv) {
    if (cells_.size() != header_.size())
      return failure("this row has " + cells_text(cells_.size()) + " and the header " +
                         std::to_string(header_.size()) +
                         "; give every row as many, and quote cells that hold a comma",
                     csv.position_of(cells_.front().offset));
    rows_.begin_row(csv.line());
    for (size_t i = 0; i < cells_.size(); ++i) {
      const Cell& cell = cells_[i];
      const Result<Value> value = cell.quoted ? Value::of(cell.text) : resolve_plain(cell.text);
      if (!value) return failure(value.error().message, csv.position_of(cell.offset));
      if (Result<void> added = rows_.add(header_[i], *value); !added) return added;
    }
    return {};
  }

  const std::string& file_;
  TableBuilder& rows_;
  std::vector<std::string> header_;
  std::vector<Cell> cells_;
};

}  // namespace

std::unique_ptr<PieceReader> csv_pieces(const std::string& file, TableBuilder& rows) {
  return std::make_unique<CsvPieces>(file, rows);
}

Result<void> read_csv(std::string& text, const std::string& file, TableBuilder& rows) {
  CsvPieces pieces(file, rows);
  Result<void> read = pieces.read(text, 1);
  return read ? pieces.finish() : read;
}

}  // namespace sweepd
