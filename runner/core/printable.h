// Text from elsewhere, made safe to be shown to a person.
#pragma once

#include <string>
#include <string_view>

namespace sweepd {

/// `text` with control characters (but newline and tab) as \u001b and the like, so that none of it is a
/// command to a terminal: C0, DEL and C1, the latter as UTF-8 has them. JSON stays the same JSON.
std::string printable(std::string_view text);

}  // namespace sweepd
