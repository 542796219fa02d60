// "did you mean": the known name closest to one that is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sweepd {

/// The name with the fewest insertions, deletions, changes and swaps of neighbours (optimal string alignment
/// distance) from `name`; empty where even that is too far to be a slip of the finger.
std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& known);

/// `; did you mean 'x'?`, or, where nothing is near, `; known are a, b and c`.
std::string suggestion(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace sweepd
