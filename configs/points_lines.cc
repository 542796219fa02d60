// Lines of text as points.
#include <algorithm>

#include "configs/points_readers.h"
#include "configs/text_position.h"

namespace sweepd {
namespace {

class LinePieces : public PieceReader {
 public:
  LinePieces(const std::string& file, TableBuilder& rows) : file_(file), rows_(rows) {}

  size_t whole_rows(std::string_view text) const override {
    return text.rfind('\n') + 1;  // npos + 1 is 0
  }

  Result<void> read(std::string& piece, uint32_t first_line) override {
    if (Result<void> good = check_characters(piece, file_, first_line); !good) return good;
    uint32_t number = first_line;
    for (size_t begin = 0; begin < piece.size(); ++number) {
      const size_t end = std::min(piece.find('\n', begin), piece.size());
      std::string_view line = std::string_view(piece).substr(begin, end - begin);
      if (end < piece.size() && line.ends_with('\r')) line.remove_suffix(1);
      rows_.begin_row(number);
      if (Result<void> added = rows_.add("line", Value::of(line)); !added) return added;
      begin = end + 1;
    }
    return {};
  }

 private:
  const std::string& file_;
  TableBuilder& rows_;
};

}  // namespace

std::unique_ptr<PieceReader> line_pieces(const std::string& file, TableBuilder& rows) {
  return std::make_unique<LinePieces>(file, rows);
}

}  // namespace sweepd
