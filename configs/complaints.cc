#include "configs/complaints.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <tuple>

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

/// Whether the character, which is whole, would do something to a terminal (C0, DEL and C1).
bool is_control(std::string_view character) {
  const auto last = static_cast<uint8_t>(character.back());
  if (character.size() == 1) return last < 0x20 || last == 0x7F;
  return character[0] == '\xC2' && last < 0xA0;
}

void append_escape(std::string& out, std::string_view control) {
  const auto code = static_cast<uint8_t>(control.back());
  if (code == '\n') {
    out += "\\n";
  } else if (code == '\t') {
    out += "\\t";
  } else {
    constexpr std::string_view digits = "0123456789ABCDEF";
    ((out += "\\x") += digits[code >> 4]) += digits[code & 15];
  }
}

/// The message as one line of text: what it cites may hold control characters, and be cut within a character.
std::string showable(std::string_view message) {
  std::string line;
  while (!message.empty()) {
    const size_t length = character_length(message);
    const std::string_view character = message.substr(0, length);
    if (length > 0 && is_control(character))
      append_escape(line, character);
    else
      line += character;
    message.remove_prefix(std::max<size_t>(length, 1));
  }
  return line;
}

}  // namespace

void Complaints::add(Error error) {
  if (errors_.size() == most_kept) {
    ++dropped_;
    return;
  }
  if (error.where.file.empty()) error.where.file = file_;
  error.message = showable(error.message);
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
