// From what a command printed to the result of its point.
#pragma once

#include <string>
#include <string_view>

#include "runner/core/error.h"

namespace sweepd {

/// Appends the JSON value that `output` is as a whole, else the one that its last line with more than white
/// space is, compactly, and returns what append_compact_json() does. Fails with what is wrong with the better
/// of the two and a piece of it.
Result<bool> append_json_result(std::string_view output, std::string& out);

/// Appends `output`, without the white space around it, as a JSON string; invalid UTF-8 becomes U+FFFD.
void append_text_result(std::string_view output, std::string& out);

}  // namespace sweepd
