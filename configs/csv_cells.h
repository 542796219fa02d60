// The cells of a CSV text, or one with another character between cells, row by row. Knows RFC 4180 and lines
// of comment, not what cells mean.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"

namespace sweepd {

struct Cell {
  std::string_view text;  ///< unquoted and, where it was not quoted, trimmed of spaces and tabs
  bool quoted = false;
  size_t offset = 0;  ///< where it begins in the text
};

class CsvCells {
 public:
  /// `text` is changed in reading: doubled quotes are drawn together in place. Views of it live as long
  /// as it does. `separator`: one character, no quote, line end or '#'. `first_line`: its number in the file.
  CsvCells(std::string& text, const std::string& file, std::string_view separator, uint32_t first_line)
      : text_(text),
        file_(file),
        separator_(separator),
        first_line_(first_line),
        line_(first_line),
        row_line_(first_line) {}

  /// The next row that is no empty line and no comment, which begins with '#'; no cells at the end.
  Result<void> next_row(std::vector<Cell>& cells);
  /// The line the row begins on, from 1.
  uint32_t line() const { return row_line_; }
  SourcePosition position_of(size_t offset) const;
  /// Whether a comment was passed over.
  bool has_comments() const { return has_comments_; }

 private:
  bool at_separator() const { return std::string_view(text_).substr(next_).starts_with(separator_); }
  Result<Cell> quoted_cell();
  Result<Cell> plain_cell();
  bool at_line_end() const;
  void skip_line_end();
  void skip_comment();

  std::string& text_;
  const std::string& file_;
  std::string_view separator_;
  uint32_t first_line_;
  bool has_comments_ = false;
  size_t next_ = 0;
  uint32_t line_;
  uint32_t row_line_;
};

}  // namespace sweepd
