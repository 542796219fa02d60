// A file in memory, without a name in any file system, for programs that are given its descriptor.
#pragma once

#include <string_view>

#include "runner/platform/unique_fd.h"

namespace sweepd {

/// With that text. `name` is for who looks in /proc. Holds nothing where there can be none, with errno.
UniqueFd memory_file(const char* name, std::string_view text);

}  // namespace sweepd
