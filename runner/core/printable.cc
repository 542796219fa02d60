#include "runner/core/printable.h"

#include <cstdio>

#include "runner/core/utf8.h"

namespace sweepd {
namespace {

void append_code(std::string& out, const char* format, int code) {
  char text[16];
  std::snprintf(text, sizeof text, format, static_cast<unsigned>(code));
  out += text;
}

/// The control character that the first `length` bytes are, or -1; C1 takes two bytes: c2 80 to c2 9f.
int control_at(std::string_view text, size_t length) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x20 || first == 0x7f) return first;
  if (length == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) <= 0x9f)
    return static_cast<unsigned char>(text[1]);
  return -1;
}

/// Calls `append(out, control)` for every control character, in its place.
template <typename Append>
std::string with_controls(std::string_view text, const Append& append) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    size_t bad = 0;
    const size_t length = utf8_character(text, bad);
    const int control = length == 0 ? -1 : control_at(text, length);
    if (length == 0)
      append_code(out, "\\x%02x", static_cast<unsigned char>(text[0]));
    else if (control < 0)
      out += text.substr(0, length);
    else
      append(out, control);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) {
  return with_controls(text, [](std::string& out, int control) {
    if (control == '\n' || control == '\t')
      out += static_cast<char>(control);
    else
      append_code(out, "\\u%04x", control);
  });
}

std::string printable_line(std::string_view text) {
  return with_controls(text, [](std::string& out, int control) {
    if (control == '\n')
      out += "\\n";
    else if (control == '\t')
      out += "\\t";
    else
      append_code(out, "\\x%02x", control);
  });
}

}  // namespace sweepd
