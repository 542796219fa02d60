#include "runner/core/escaped_path.h"

#include <charconv>

#include "runner/core/utf8.h"

namespace sweepd {

std::optional<std::string> escaped_path(std::string_view path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  if (valid_utf8(path) == path) return std::nullopt;
  std::string text;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && c != '%')
      text += c;
    else
      (text += '%').append({digits[byte >> 4], digits[byte & 15]});
  }
  return text;
}

std::string unescaped_path(std::string_view text) {
  std::string path;
  for (size_t at = 0; at < text.size(); ++at) {
    unsigned char byte = 0;
    const char* const code = text.data() + at + 1;
    const bool is_escape =
        text[at] == '%' && at + 2 < text.size() && std::from_chars(code, code + 2, byte, 16).ptr == code + 2;
    path += is_escape ? static_cast<char>(byte) : text[at];
    if (is_escape) at += 2;
  }
  return path;
}

}  // namespace sweepd
