// What is known of the terminal.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace sweepd {

bool is_terminal(FILE* stream);
/// A terminal, and NO_COLOR (no-color.org) is not set.
bool colour_wanted(FILE* stream);
/// Columns; 80 where it cannot be asked.
int terminal_width(FILE* stream);

/// 1234567 as "1,234,567"
std::string with_commas(uint64_t number);
/// "1 point", "1,200 points"
std::string points_text(uint64_t number);
/// Seconds as "0.35 s", "12.3 s", "4:05", "1:02:03" or "2 d 03:04:05"
std::string readable_time(double seconds);
/// "12.3/s", "1.25 million/s"
std::string readable_rate(double per_second);

}  // namespace sweepd
