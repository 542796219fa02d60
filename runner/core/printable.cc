#include "runner/core/printable.h"

#include <cstdio>

namespace sweepd {
namespace {

/// The control character that begins at text[at], or -1; C1 takes two bytes: c2 80 to c2 9f.
int control_at(std::string_view text, size_t at) {
  const auto byte = [text](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  const int first = byte(at);
  if ((first < 0x20 && first != '\n' && first != '\t') || first == 0x7f) return first;
  if (first == 0xc2 && byte(at + 1) >= 0x80 && byte(at + 1) <= 0x9f) return byte(at + 1);
  return -1;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size(); ++at) {
    const int control = control_at(text, at);
    if (control < 0) {
      out += text[at];
      continue;
    }
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(control));
    out += escaped;
    if (control >= 0x80) ++at;
  }
  return out;
}

}  // namespace sweepd
