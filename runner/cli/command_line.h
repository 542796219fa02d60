// The command line: what may be written, its help, and which command it calls.
#pragma once

#include <string>
#include <vector>

namespace sweepd {

/// `arguments`: without the program's name. Returns the exit status.
int run_command_line(std::vector<std::string> arguments);

}  // namespace sweepd
