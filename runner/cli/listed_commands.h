// A list of commands in the place of a sweep file.
#pragma once

#include <string>

#include "runner/core/error.h"

namespace sweepd {

/// What the sweep file would be called: the list's name without its ending, in the current folder, where its
/// commands run; of standard input (-): commands.
std::string name_of_list(const std::string& list);

/// The text of a sweep file for a list: what commands print is kept as text. Standard input is read to its
/// end, and stands in it.
Result<std::string> text_of_list(const std::string& list);

}  // namespace sweepd
