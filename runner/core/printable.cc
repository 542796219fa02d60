#include "runner/core/printable.h"

#include <cstdio>

namespace sweepd {
namespace {

/// The control character that begins at text[at], or -1; C1 takes two bytes: c2 80 to c2 9f.
int control_at(std::string_view text, size_t at) {
  const auto byte = [text](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  const int first = byte(at);
  if (first < 0x20 || first == 0x7f) return first;
  if (first == 0xc2 && byte(at + 1) >= 0x80 && byte(at + 1) <= 0x9f) return byte(at + 1);
  return -1;
}

/// Calls `append(out, control)` for every control character, in its place.
template <typename Append>
std::string with_controls(std::string_view text, const Append& append) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size(); ++at) {
    const int control = control_at(text, at);
    if (control < 0)
      out += text[at];
    else
      append(out, control);
    if (control >= 0x80) ++at;
  }
  return out;
}

void append_code(std::string& out, const char* format, int control) {
  char code[16];
  std::snprintf(code, sizeof code, format, static_cast<unsigned>(control));
  out += code;
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
