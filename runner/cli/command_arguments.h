// The argument vector of a command for one point, for showing it and for running it in the foreground.
#pragma once

#include <string>
#include <vector>

#include "runner/core/point_facts.h"

namespace sweepd {

std::vector<std::string> command_arguments(const Sweep& sweep, const CommandTask& task,
                                           const PointFacts& facts);

/// The arguments as one line in which each can be told from its neighbours.
std::string command_line_text(const std::vector<std::string>& arguments);

}  // namespace sweepd
