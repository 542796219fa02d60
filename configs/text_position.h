// Where a byte stands in a text: worked out only when a message needs it.
#pragma once

#include <string>
#include <string_view>

#include "runner/core/error.h"

namespace sweepd {

/// Line and column (in characters) of the byte at `offset`, both from 1. `first_line` is the
/// text's own number.
SourcePosition position_in(std::string_view text, size_t offset, const std::string& file,
                           uint32_t first_line = 1);

/// Fails at the first byte that is NUL or no valid UTF-8.
Result<void> check_characters(std::string_view text, const std::string& file, uint32_t first_line = 1);

}  // namespace sweepd
