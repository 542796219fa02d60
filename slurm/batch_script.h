// What Slurm and the system make of a file that is submitted as a batch script: its first line and its
// #SBATCH lines. Text in, findings out; knows nothing of what the script does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"

namespace sweepd {

/// The first line of a sweep file that is submitted.
inline constexpr std::string_view first_line_wanted = "#!/usr/bin/env -S sweepd run";

/// What keeps a sweep file from being accepted by sbatch, or from being run by sweepd then: a byte order
/// mark, CRLF line ends, no first line that names its program, or one that the system would take for
/// something else (it hands all words behind the program's name over as a single one, unless env -S parts
/// them). Each with its line in `file`.
std::vector<Error> script_errors(std::string_view text, const std::string& file);

/// What sbatch would pass over in silence: #SBATCH lines below the first line that is neither blank nor a
/// comment. And a first line that does not name sweepd.
std::vector<Error> script_warnings(std::string_view text, const std::string& file);

/// Whether the program of the first line is looked for in PATH, by env.
bool is_found_by_env(std::string_view text);

}  // namespace sweepd
