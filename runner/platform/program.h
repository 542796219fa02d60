// Finding a program as a shell would.
#pragma once

#include <string>
#include <string_view>

#include "runner/core/error.h"

namespace sweepd {

/// The absolute path of program `name`. A name with a slash is taken from `directory` (absolute); any other
/// is looked for in the folders of `path` (as the variable PATH: parted by colons, an empty or relative one
/// is taken from `directory`). Only a regular file that may be executed is found; else the error says where
/// was looked.
Result<std::string> find_program(std::string_view name, std::string_view path, std::string_view directory);

}  // namespace sweepd
