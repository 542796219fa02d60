// A path that is no UTF-8, as text: JSON cannot hold its bytes. Those of other characters than ASCII's are
// written as %FC, and % as %25.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sweepd {

/// None for a path that is UTF-8 and stands for itself.
std::optional<std::string> escaped_path(std::string_view path);

/// What is no escape stays as it is.
std::string unescaped_path(std::string_view text);

}  // namespace sweepd
