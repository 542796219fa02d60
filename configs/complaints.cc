#include "configs/complaints.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "runner/core/printable.h"

namespace sweepd {
namespace {

/// The bytes of the character at the start of `text`; 0 where only a part of it is there.
size_t character_length(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (first >= 0x80 && first < 0xC0) return 0;
  for (size_t i = 1; i < length; ++i)
    if (i == text.size() || (text[i] & 0xC0) != 0x80) return 0;
  return length;
}

/// Without the parts of characters that were cut in two.
std::string whole_characters(std::string_view text) {
  std::string whole;
  while (!text.empty()) {
    const size_t length = character_length(text);
    whole += text.substr(0, length);
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return whole;
}

}  // namespace

void Complaints::add(Error error) {
  if (errors_.size() == most_kept) {
    ++dropped_;
    return;
  }
  if (error.where.file.empty()) error.where.file = file_;
  error.message = printable_line(whole_characters(error.message));
  errors_.push_back(std::move(error));
}

Errors Complaints::sorted() && {
  const auto place = [this](const Error& error) {
    const SourcePosition& where = error.where;
    return std::make_tuple(where.file != file_, std::string_view(where.file), where.line, where.column);
  };
  std::stable_sort(errors_.begin(), errors_.end(),
                   [&](const Error& a, const Error& b) { return place(a) < place(b); });
  if (dropped_ > 0)
    errors_.push_back(Error{std::to_string(dropped_) + " more errors are not shown; mend those above first",
                            SourcePosition{file_, 0, 0}});
  return std::move(errors_);
}

}  // namespace sweepd
