#include "runner/engine/text_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runner/core/printable.h"
#include "runner/engine/json_scalar.h"

namespace sweepd {
namespace {

constexpr std::string_view gap = "  ";
constexpr std::string_view ellipsis = "…";

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

size_t width_of(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

// What may stand in a column of numbers.
bool fits_numbers(std::string_view cell) {
  constexpr std::string_view words[] = {"", "null", "NaN", "Infinity", "-Infinity"};
  return std::find(std::begin(words), std::end(words), cell) != std::end(words) || parse_number(cell);
}

void cut(std::string& text, size_t width) {
  size_t end = 0;
  for (size_t characters = 0; end < text.size(); ++end)
    if (begins_character(text[end]) && characters++ == width - 1) break;
  text.resize(end);
  text += ellipsis;
}

}  // namespace

std::string terminal_text(std::string_view text, size_t max_width) {
  // A character has at most four bytes, so what is far behind the cut need not be looked at.
  std::string out = printable_line(text.substr(0, 4 * (max_width + 1)));
  if (width_of(out) > max_width) cut(out, max_width);
  return out;
}

TextTable::TextTable(std::vector<std::string> header)
    : header_(std::move(header)), widths_(header_.size()), is_text_(header_.size(), false) {
  for (size_t i = 0; i < header_.size(); ++i) {
    header_[i] = terminal_text(header_[i], max_cell_width);
    widths_[i] = width_of(header_[i]);
  }
}

void TextTable::learn(const std::vector<std::string>& row) {
  for (size_t i = 0; i < row.size(); ++i) {
    widths_[i] = std::max(widths_[i], width_of(row[i]));
    if (!fits_numbers(row[i])) is_text_[i] = true;
  }
}

void TextTable::append(std::string& out, const std::vector<std::string>& row) const {
  const size_t begin = out.size();
  for (size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out += gap;
    const size_t width = width_of(row[i]);
    const std::string blanks(widths_[i] - std::min(width, widths_[i]), ' ');
    if (is_text_[i])
      out.append(row[i]).append(blanks);
    else
      out.append(blanks).append(row[i]);
  }
  while (out.size() > begin && out.back() == ' ') out.pop_back();
  out += '\n';
}

}  // namespace sweepd
