// A value that somebody types as it would stand in a sweep file.
#pragma once

#include <optional>
#include <string>

namespace sweepd {

/// Its JSON, as records have it; none where it is no value.
std::optional<std::string> json_of_typed(const std::string& text);

}  // namespace sweepd
