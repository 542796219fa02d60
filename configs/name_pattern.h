// Patterns for the name of one file, as shells have them.
#pragma once

#include <string_view>

namespace sweepd {

/// Whether `pattern` is more than the name that it stands for.
bool is_name_pattern(std::string_view pattern);

/// `*` is any text, `?` one character, [a-c] one of these and [!a-c] one of the others, in any locale by
/// their numbers in Unicode; a backslash takes its meaning from what follows. A point at the start of a name
/// is matched by a point only. Takes a time of at most the product of the lengths.
bool matches_name(std::string_view pattern, std::string_view name);

}  // namespace sweepd
