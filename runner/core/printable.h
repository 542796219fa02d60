// Text from elsewhere, made safe to be shown to a person: none of it is a command to a terminal.
#pragma once

#include <string>
#include <string_view>

namespace sweepd {

/// `text` with control characters (C0, DEL, and C1 as UTF-8 has them) but newline and tab as \u001b and the
/// like, and bytes that are no UTF-8 as \xfc. JSON stays the same JSON.
std::string printable(std::string_view text);

/// The same for a single line: \n, \t, \x1b.
std::string printable_line(std::string_view text);

}  // namespace sweepd
