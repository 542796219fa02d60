// From what a command printed to the result of its point.
#pragma once

#include <string>
#include <string_view>

#include "runner/core/error.h"

namespace sweepd {

/// Appends the JSON value that ends `output`, compactly, and returns what append_compact_json() does. It
/// begins on a line of its own (a carriage return ends a line, too); what stands on the lines before does not
/// matter, as long as it is no list or object that the value would end inside of. White space and byte order
/// marks around lines do not count. Fails with what is wrong and a piece of it.
Result<bool> append_json_result(std::string_view output, std::string& out);

/// Appends `output`, without the white space around it, as a JSON string; invalid UTF-8 becomes U+FFFD.
void append_text_result(std::string_view output, std::string& out);

}  // namespace sweepd
