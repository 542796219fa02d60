#include "runner/core/utf8.h"

namespace sweepd {
namespace {

struct LeadByte {
  size_t length;             ///< of the whole character; 0: no character begins so
  unsigned char second_low;  ///< the range of the second byte, which rules out overlong forms and surrogates
  unsigned char second_high;
};

// Table 3-7 of the Unicode Standard: well-formed UTF-8 byte sequences.
LeadByte lead_byte(unsigned char byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

size_t utf8_character(std::string_view bytes, size_t& bad) {
  const LeadByte lead = lead_byte(static_cast<unsigned char>(bytes[0]));
  bad = 1;
  for (size_t at = 1; at < lead.length; ++at) {
    if (at == bytes.size()) return 0;
    const auto byte = static_cast<unsigned char>(bytes[at]);
    const bool fits = at == 1 ? byte >= lead.second_low && byte <= lead.second_high : (byte & 0xC0) == 0x80;
    if (!fits) return 0;
    bad = at + 1;
  }
  return lead.length;
}

void append_valid_utf8(std::string_view bytes, std::string& out) {
  size_t good = 0;  // bytes that can be taken over at once
  while (good < bytes.size()) {
    size_t bad = 0;
    const size_t length = utf8_character(bytes.substr(good), bad);
    good += length;
    if (length > 0) continue;
    out.append(bytes.substr(0, good)).append("\uFFFD");
    bytes.remove_prefix(good + bad);
    good = 0;
  }
  out.append(bytes);
}

std::string valid_utf8(std::string_view bytes) {
  std::string text;
  append_valid_utf8(bytes, text);
  return text;
}

void append_utf8(std::string& out, uint32_t code) {
  const auto put = [&out](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

}  // namespace sweepd
