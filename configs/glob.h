// Paths found by a pattern, without a shell.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runner/core/error.h"

namespace sweepd {

/// More than this is refused with the limit named.
struct GlobLimits {
  size_t paths = 1'000'000;
  size_t names = 10'000'000;  ///< looked at
  size_t depth = 64;          ///< folders below `**`
};

/// All paths that match `pattern`, written as it is (relative to `directory`, or absolute), in order of their
/// bytes, each once. Between slashes there are names, name patterns, and `**` for any number of folders, none
/// included; links to folders are followed but by `**`. A slash at the end asks for folders. Patterns pass
/// over sweep directories, so that what a sweep writes beside its inputs is none of them the next time.
/// Fails, without a position, on a folder that cannot be listed, since paths in it would be missing; none
/// that match is no failure.
Result<std::vector<std::string>> find_paths(const std::string& directory, const std::string& pattern,
                                            const GlobLimits& limits = {});

}  // namespace sweepd
