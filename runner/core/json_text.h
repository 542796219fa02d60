// What texts inside of JSON mean. Whether they are valid is looked at elsewhere.
#pragma once

#include <string>
#include <string_view>

namespace sweepd {

/// Appends the characters that a JSON string stands for; `escaped`: what is between its quotes. Halves of
/// surrogate pairs that stand alone become U+FFFD.
void append_unescaped(std::string& out, std::string_view escaped);

/// The double nearest to a JSON number; of one beyond their range an infinity, of one too close to it 0.
double nearest_double(std::string_view number);

}  // namespace sweepd
