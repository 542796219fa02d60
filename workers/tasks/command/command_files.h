// The files that a command names and that decide with the parameters what it computes.
#pragma once

#include <string>
#include <vector>

#include "runner/core/code.h"
#include "runner/core/task.h"

namespace sweepd {

/// The program, and arguments that are regular files (also behind the = of an option), each name once; names
/// and paths only. What depends on the point is left out, and so is all of a shell's text. `directory`: the
/// sweep file's folder, absolute.
std::vector<CodeFile> files_named_by(const Program& program, const std::string& directory);

}  // namespace sweepd
