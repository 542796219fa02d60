// Writing JSON text into a growing buffer. Hand-made because it stands on the per-point path,
// where a general library costs five to ten times as much (tests/bench has the figures); tested
// against nlohmann_json's reader.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runner/core/point.h"
#include "runner/core/value.h"

namespace sweepd {

void append_json(std::string& out, bool value);
void append_json(std::string& out, int64_t value);
void append_json(std::string& out, uint64_t value);
/// The shortest text that reads back equal, always with a point or an exponent, as Python's repr writes it;
/// "NaN", "Infinity" and "-Infinity" (with the quotes) for what JSON has no number for.
void append_json(std::string& out, double value);
/// Quoted and escaped; bytes >= 0x80 are passed on, so valid UTF-8 stays itself.
void append_json(std::string& out, std::string_view text);
void append_json(std::string& out, const Value& value);
/// `{"a":1,"b":"x"}` in the point's order.
void append_json(std::string& out, const Point& point);
// A string literal is text, not a bool.
inline void append_json(std::string& out, const char* text) { append_json(out, std::string_view(text)); }

/// The value as a command or an environment variable gets it: as it was spelled; a string's own bytes; else
/// its JSON text unquoted.
void append_text(std::string& out, const Value& value);

}  // namespace sweepd
