#include "configs/source_text.h"

#include <algorithm>
#include <cstdio>

namespace sweepd {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

struct Character {
  uint32_t code = 0;
  uint32_t length = 0;  ///< bytes; 0: not valid UTF-8
};

/// The character of two to four bytes at the start of `bytes`, as RFC 3629 has them.
Character decode(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const uint32_t length = byte(0) < 0xC2   ? 0
                          : byte(0) < 0xE0 ? 2
                          : byte(0) < 0xF0 ? 3
                          : byte(0) < 0xF5 ? 4
                                           : 0;
  if (length == 0 || bytes.size() < length) return {};
  uint32_t code = byte(0) & (0xFFu >> (length + 1));
  for (uint32_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return overlong || surrogate || code > 0x10FFFF ? Character{} : Character{code, length};
}

std::string name_of(uint32_t code) {
  char text[16];
  std::snprintf(text, sizeof text, "U+%04X", code);
  return text;
}

/// What is wrong with a character beyond ASCII; empty: nothing.
std::string complaint_about(Character character, std::string_view bytes) {
  if (character.length == 0) {
    char text[8];
    std::snprintf(text, sizeof text, "0x%02X", static_cast<unsigned>(static_cast<uint8_t>(bytes[0])));
    return std::string("the byte ") + text + " is not valid UTF-8; save the file as UTF-8";
  }
  const uint32_t code = character.code;
  if (code == 0x85 || code == 0x2028 || code == 0x2029)
    return "the line separator " + name_of(code) + " is not allowed; write it as an escape in double quotes";
  if (code < 0xA0 || code == 0xFEFF || code == 0xFFFE || code == 0xFFFF)
    return "the character " + name_of(code) + " is not printable; write it as an escape in double quotes";
  return {};
}

/// The same for ASCII.
std::string complaint_about(char character) {
  if (character == '\0') return "the file holds a NUL byte; a sweep file is UTF-8 text";
  if (character == '\r') return "a carriage return stands without a line feed; end lines with LF or CRLF";
  return "the control character " + name_of(static_cast<uint8_t>(character)) +
         " is not allowed; write it as an escape in double quotes";
}

bool is_plain_ascii(char character) { return character >= 0x20 && character < 0x7F; }

bool is_tab_indented(std::string_view line) {
  const size_t content = line.find_first_not_of(" \t");
  if (content == std::string_view::npos || line[content] == '\n' || line[content] == '\r') return false;
  return line.substr(0, content).find('\t') != std::string_view::npos;
}

std::string without_carriage_returns(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c != '\r'; });
  return out;
}

}  // namespace

Result<SourceText> SourceText::check(std::string_view text, const std::string& file) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return failure("the file is UTF-16; save it as UTF-8", {file, 0, 0});
  SourceText source;
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  source.body_ = text;
  uint32_t line = 0, column = 0;
  bool returns = false, line_begins = true;
  for (size_t at = 0; at < text.size();) {
    if (line_begins) {
      ++line, column = 0, line_begins = false;
      if ((text[at] == ' ' || text[at] == '\t') && is_tab_indented(text.substr(at)))
        source.tabbed_lines_.push_back(line);
    }
    ++column;
    const char c = text[at];
    if (is_plain_ascii(c) || c == '\t') {
      ++at;
    } else if (c == '\n') {
      ++at, line_begins = true;
    } else if (c == '\r' && text.substr(at + 1).starts_with('\n')) {
      ++at, returns = true;
    } else if (static_cast<uint8_t>(c) < 0x80) {
      return failure(complaint_about(c), {file, line, column});
    } else {
      const Character character = decode(text.substr(at));
      std::string complaint = complaint_about(character, text.substr(at));
      if (!complaint.empty()) return failure(std::move(complaint), {file, line, column});
      at += character.length, source.is_ascii_ = false;
    }
  }
  if (returns) source.rewritten_ = without_carriage_returns(text);
  return source;
}

bool SourceText::is_tabbed(uint32_t line) const {
  return std::binary_search(tabbed_lines_.begin(), tabbed_lines_.end(), line);
}

}  // namespace sweepd
