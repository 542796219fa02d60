#include "configs/text_position.h"

#include <simdjson.h>

#include <algorithm>

namespace sweepd {
namespace {

/// Where the first character begins that is no valid UTF-8.
size_t first_invalid(std::string_view text) {
  size_t start = 0;
  while (start < text.size()) {
    const auto lead = static_cast<unsigned char>(text[start]);
    const size_t wanted = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const size_t length = std::min(wanted, text.size() - start);
    if (lead >= 0x80 && !simdjson::validate_utf8(text.data() + start, length)) break;
    start += length;
  }
  return start;
}

}  // namespace

SourcePosition position_in(std::string_view text, size_t offset, const std::string& file,
                           uint32_t first_line) {
  const std::string_view before = text.substr(0, offset);
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  const auto characters =
      std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line_start), before.end(), is_first_byte);
  return {file, first_line + static_cast<uint32_t>(lines), static_cast<uint32_t>(characters) + 1};
}

Result<void> check_characters(std::string_view text, const std::string& file, uint32_t first_line) {
  const size_t nul = text.find('\0');
  if (nul != std::string_view::npos)
    return failure("there is a NUL byte; is this a text file in UTF-8?",
                   position_in(text, nul, file, first_line));
  if (!simdjson::validate_utf8(text.data(), text.size()))
    return failure("this is not valid UTF-8; save the file in UTF-8",
                   position_in(text, first_invalid(text), file, first_line));
  return {};
}

}  // namespace sweepd
