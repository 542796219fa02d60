// Lists of commands: text with one shell line a point, as GNU parallel, TACC's launcher and disBatch have
// them.
#pragma once

#include <string>
#include <string_view>

#include "runner/core/error.h"
#include "runner/core/spaces.h"

namespace sweepd {

/// More rows than this are refused: REPEAT makes them of one line.
inline constexpr uint64_t most_listed_commands = 10'000'000;

/// A row for each command, with its text as `line`. Empty lines and those that begin with # are none; a
/// backslash at a line's end takes the next one to it; lines end in LF or CRLF. `#DISBATCH PREFIX TEXT` and
/// `#DISBATCH SUFFIX TEXT` stand before and behind the lines that follow, and `#DISBATCH REPEAT N [start S]
/// [step T] [COMMAND]` makes N rows of one line, with S, S + T, ... as `repeat`: as disBatch's manual
/// (github.com/flatironinstitute/disBatch) defines them. Fails, with the line, on its other directives, on
/// what is no UTF-8 or holds a NUL byte, and on no commands at all.
Result<void> read_command_list(std::string_view text, const std::string& file, TableBuilder& rows);

}  // namespace sweepd
