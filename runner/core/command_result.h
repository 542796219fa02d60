// From what a command printed to the result of its point.
#pragma once

#include <string>
#include <string_view>

#include "runner/core/error.h"

namespace sweepd {

/// What is kept of an output that is too long: its beginning, "\n[... N bytes cut ...]\n" and its end.
inline constexpr std::string_view cut_begins = "\n[... ", cut_ends = " bytes cut ...]\n";

/// Appends the JSON value that ends `output`, compactly, and returns what append_compact_json() does. It
/// begins on a line of its own (a carriage return ends a line, too); what stands on the lines before does not
/// matter, as long as it is no list or object that the value would end inside of. White space and byte order
/// marks around lines do not count. Fails with what is wrong and a piece of it.
Result<bool> append_json_result(std::string_view output, std::string& out);

/// Appends `output`, without the white space around it, as a JSON string; invalid UTF-8 becomes U+FFFD.
void append_text_result(std::string_view output, std::string& out);

/// Appends what append_json_result() makes of the output of which append_text_result() made `text_result`.
/// False where that cannot be known, since a part is missing, or where it fails.
bool append_json_of_text_result(std::string_view text_result, std::string& out);

}  // namespace sweepd
