// What a plain (unquoted) scalar means: the core schema of YAML 1.2.2, section 10.3.2. Knows
// no YAML otherwise.
#pragma once

#include <string_view>

#include "runner/core/error.h"
#include "runner/core/value.h"

namespace sweepd {

/// null: `null`, `Null`, `NULL`, `~` and nothing at all; booleans: `true`, `True`, `TRUE` and the same of
/// false; integers: `[-+]?[0-9]+` (decimal, so 0123 is 123), `0o17`, `0x1F`; floats: `1.5`, `.5`, `1.`,
/// `1e3`, `.inf`, `.nan`. All else is a string, whose bytes are those of `text`. Fails on an integer beyond
/// 64 bits, which must not silently become a float, and on a float beyond the range of a double.
Result<Value> resolve_plain(std::string_view text);

/// Whether append_text() would write the value, which was read from it, as this text.
bool is_own_text(const Value& value, std::string_view text);

/// The value, with its spelling where that is not its own text.
Result<Written> written_plain(std::string_view text);

}  // namespace sweepd
