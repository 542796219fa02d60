// Arguments as a person reads and types them.
#pragma once

#include <string>
#include <vector>

namespace sweepd {

/// The arguments as one line in which each can be told from its neighbours.
std::string command_line_text(const std::vector<std::string>& arguments);

}  // namespace sweepd
