// A table on a terminal: aligned columns, numbers to the right. It does not know what the cells mean.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sweepd {

/// `text` as it may stand on a terminal: control characters as \n, \t or \x1b, and no more than `max_width`
/// characters, the last one "…" where it was cut.
std::string terminal_text(std::string_view text, size_t max_width);

/// Learns widths from some rows, then writes these and any number of others. Widths count
/// characters (code points).
class TextTable {
 public:
  static constexpr size_t max_cell_width = 40;

  explicit TextTable(std::vector<std::string> header);

  /// A row to learn from, which may have fewer cells than the header. Cells are terminal_text().
  void learn(const std::vector<std::string>& row);

  void append_header(std::string& out) const { append(out, header_); }
  /// The row and a line feed; blanks at the end are left out.
  void append(std::string& out, const std::vector<std::string>& row) const;

 private:
  std::vector<std::string> header_;
  std::vector<size_t> widths_;
  std::vector<bool> is_text_;  ///< whether a cell was no number, nor null
};

}  // namespace sweepd
