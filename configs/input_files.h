// The files that a task declares as its inputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "runner/core/code.h"
#include "runner/core/error.h"
#include "runner/core/sweep.h"

namespace sweepd {

/// Of all inputs of a task together.
struct InputLimits {
  size_t files = 1000;
  uint64_t bytes = most_hashed_bytes;
};

struct InputFiles {
  std::vector<CodeFile> files;  ///< names and paths only; those of a pattern in order of path
  std::vector<Error> errors;    ///< at the places of the inputs; at most one for each
};

/// Looks for each input, a path or a pattern of configs/glob.h, from `directory` (absolute).
InputFiles find_inputs(const std::vector<Input>& inputs, const std::string& directory,
                       const InputLimits& limits = {});

/// The regular files that match, as configs/glob.h finds them.
Result<std::vector<std::string>> files_matching(const std::string& pattern, const std::string& directory);

}  // namespace sweepd
