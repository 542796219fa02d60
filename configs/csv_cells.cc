#include "configs/csv_cells.h"

#include <algorithm>
#include <cstring>

#include "configs/text_position.h"

namespace sweepd {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

SourcePosition CsvCells::position_of(size_t offset) const {
  return position_in(text_, offset, file_, first_line_);
}

bool CsvCells::at_line_end() const {
  return next_ == text_.size() || text_[next_] == '\n' ||
         (text_[next_] == '\r' && (next_ + 1 == text_.size() || text_[next_ + 1] == '\n'));
}

void CsvCells::skip_line_end() {
  if (next_ < text_.size() && text_[next_] == '\r') ++next_;
  if (next_ < text_.size() && text_[next_] == '\n') ++next_;
  ++line_;
}

void CsvCells::skip_comment() {
  has_comments_ = true;
  next_ = std::min(text_.find('\n', next_), text_.size());
  skip_line_end();
}

Result<void> CsvCells::next_row(std::vector<Cell>& cells) {
  cells.clear();
  for (; next_ < text_.size();)
    if (at_line_end())
      skip_line_end();
    else if (text_[next_] == '#')
      skip_comment();
    else
      break;
  row_line_ = line_;
  if (next_ == text_.size()) return {};
  while (true) {
    Result<Cell> cell = text_[next_] == '"' ? quoted_cell() : plain_cell();
    if (!cell) return tl::unexpected(cell.error());
    cells.push_back(*cell);
    if (at_line_end()) break;
    next_ += separator_.size();
    if (next_ == text_.size()) {
      cells.push_back({{}, false, next_});
      break;
    }
  }
  skip_line_end();
  return {};
}

// A quoted cell may hold anything, line ends as well; what is left of it after removing quotes stays
// where it is.
Result<Cell> CsvCells::quoted_cell() {
  const size_t start = next_++;
  const size_t first = next_;
  size_t kept = first;
  while (true) {
    const void* quote = std::memchr(text_.data() + next_, '"', text_.size() - next_);
    if (quote == nullptr)
      return failure("this quoted cell has no end; close it with a quote", position_of(start));
    const auto end = static_cast<size_t>(static_cast<const char*>(quote) - text_.data());
    for (; next_ < end; ++next_) {
      line_ += text_[next_] == '\n';
      text_[kept++] = text_[next_];
    }
    ++next_;
    if (next_ == text_.size() || text_[next_] != '"') break;
    text_[kept++] = text_[next_++];
  }
  if (!at_line_end() && !at_separator())
    return failure("there is text after the closing quote; write \"\" for a quote inside a quoted cell",
                   position_of(next_));
  return Cell{std::string_view(text_).substr(first, kept - first), true, start};
}

Result<Cell> CsvCells::plain_cell() {
  const size_t start = next_;
  for (; next_ < text_.size(); ++next_) {
    const char c = text_[next_];
    if (c == '\n' || (c == separator_[0] && at_separator())) break;
    if (c == '"')
      return failure(
          "there is a quote inside an unquoted cell; quote the whole cell, with \"\" for a quote in it",
          position_of(next_));
    if (c != '\r') continue;
    if (at_line_end()) break;
    return failure("there is a carriage return without a line feed; end lines with LF or CRLF",
                   position_of(next_));
  }
  return Cell{trimmed(std::string_view(text_).substr(start, next_ - start)), false, start};
}

}  // namespace sweepd
