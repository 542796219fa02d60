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

std::string name_of(std::string_view separator) {
  return separator == "," ? "comma" : separator == "\t" ? "tab" : "'" + std::string(separator) + "'";
}

/// What stands between cells is told by the file's name, and that may be wrong.
Result<void> check_separator(const std::vector<Cell>& header, std::string_view separator,
                             const CsvCells& csv) {
  const std::string_view text = header[0].text;
  const size_t other = text.find_first_of(",;\t|");
  if (header.size() > 1 || header[0].quoted || other == std::string_view::npos) return {};
  const std::string found = name_of(text.substr(other, 1));
  const std::string written = text[other] == '\t' ? "\\t" : std::string(1, text[other]);
  return failure("the header has no " + name_of(separator) + ", but " + found +
                     "; say what stands between cells, with separator: \"" + written + "\" beside the file",
                 csv.position_of(header[0].offset));
}

bool is_number(const Cell& cell) {
  if (cell.quoted) return false;
  const Result<Value> value = resolve_plain(cell.text);
  return value && value->is_number();
}

Result<void> check_header(const std::vector<Cell>& header, bool is_below_comment, const CsvCells& csv) {
  std::unordered_set<std::string_view> names;
  for (const Cell& cell : header) {
    if (cell.text.empty())
      return failure("a column has no name; give every column one", csv.position_of(cell.offset));
    // NumPy and gnuplot write names in a comment.
    if (is_below_comment && is_number(cell))
      return failure(
          "the header has a number for a name; if the names are in a line above that begins with #, "
          "take the # away, else quote the name",
          csv.position_of(cell.offset));
    if (!names.insert(cell.text).second)
      return failure("the column '" + std::string(cell.text) + "' is there twice; rename one of the two",
                     csv.position_of(cell.offset));
  }
  return {};
}

std::string cells_text(size_t count) { return std::to_string(count) + (count == 1 ? " cell" : " cells"); }

/// The end of the last line whose newline is in no quoted cell; 0: there is none.
size_t end_of_rows(std::string_view text) {
  if (text.find('"') == std::string_view::npos) return text.rfind('\n') + 1;  // npos + 1 is 0
  size_t end = 0;
  bool is_quoted = false;
  for (size_t begin = 0;;) {
    const size_t newline = text.find('\n', begin);
    if (newline == std::string_view::npos) return end;
    const std::string_view line = text.substr(begin, newline - begin);
    const bool is_comment = !is_quoted && line.starts_with('#');
    if (!is_comment && std::count(line.begin(), line.end(), '"') % 2 != 0) is_quoted = !is_quoted;
    begin = newline + 1;
    if (!is_quoted) end = begin;
  }
}

/// What stands between the cells of a file.
struct Separator {
  std::string text;
  bool is_certain = false;  ///< the sweep file says so
};

class CsvPieces : public PieceReader {
 public:
  CsvPieces(Separator separator, const std::string& file, TableBuilder& rows)
      : separator_(std::move(separator)), file_(file), rows_(rows) {}

  size_t whole_rows(std::string_view text) const override { return end_of_rows(text); }

  Result<void> read(std::string& piece, uint32_t first_line) override {
    if (Result<void> good = check_characters(piece, file_, first_line); !good) return good;
    CsvCells csv(piece, file_, separator_.text, first_line);
    while (true) {
      if (Result<void> read = csv.next_row(cells_); !read) return read;
      has_comments_ = has_comments_ || csv.has_comments();
      if (cells_.empty()) return {};
      Result<void> taken = header_.empty() ? take_header(csv) : add_row(csv);
      if (!taken) return taken;
    }
  }

  Result<void> finish() override {
    if (header_.empty())
      return failure("the file is empty; begin with a row of parameter names", {file_, 0, 0});
    if (rows_.rows() == 0 && has_comments_)
      return failure("there are no points; lines that begin with # are comments, so quote values that do",
                     {file_, 0, 0});
    return {};
  }

 private:
  Result<void> take_header(const CsvCells& csv) {
    if (!separator_.is_certain)
      if (Result<void> good = check_separator(cells_, separator_.text, csv); !good) return good;
    if (Result<void> good = check_header(cells_, has_comments_, csv); !good) return good;
    for (const Cell& cell : cells_) header_.emplace_back(cell.text);
    return {};
  }

  Result<void> add_row(const CsvCells& csv) {
    if (cells_.size() != header_.size())
      return failure("this row has " + cells_text(cells_.size()) + " and the header " +
                         std::to_string(header_.size()) +
                         "; give every row as many, and quote cells that hold a " + name_of(separator_.text),
                     csv.position_of(cells_.front().offset));
    rows_.begin_row(csv.line());
    for (size_t i = 0; i < cells_.size(); ++i) {
      const Cell& cell = cells_[i];
      const Result<Written> value = cell.quoted ? Value::of(cell.text) : written_plain(cell.text);
      if (!value) return failure(value.error().message, csv.position_of(cell.offset));
      if (Result<void> added = rows_.add(header_[i], *value); !added) return added;
    }
    return {};
  }

  Separator separator_;
  const std::string& file_;
  TableBuilder& rows_;
  bool has_comments_ = false;
  std::vector<std::string> header_;
  std::vector<Cell> cells_;
};

}  // namespace

std::unique_ptr<PieceReader> csv_pieces(const std::string& file, TableBuilder& rows) {
  return std::make_unique<CsvPieces>(Separator{","}, file, rows);
}

std::unique_ptr<PieceReader> tsv_pieces(const std::string& file, TableBuilder& rows) {
  return std::make_unique<CsvPieces>(Separator{"\t"}, file, rows);
}

std::unique_ptr<PieceReader> cell_pieces(std::string_view separator, const std::string& file,
                                         TableBuilder& rows) {
  return std::make_unique<CsvPieces>(Separator{std::string(separator), true}, file, rows);
}

Result<void> read_csv(std::string& text, const std::string& file, TableBuilder& rows) {
  const std::unique_ptr<PieceReader> pieces = csv_pieces(file, rows);
  Result<void> read = pieces->read(text, 1);
  return read ? pieces->finish() : read;
}

}  // namespace sweepd
