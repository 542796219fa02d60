// What stands in the place of a file of records and is none that is read (runner/platform/trusted_file.h):
// links, FIFOs, other users' files. It does not know what records are.
#pragma once

#include <string>
#include <vector>

#include "runner/core/error.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

/// Renames each such thing in chunks/ to `<name>.damaged`, so that its points run again. Returns a sentence
/// for each. For whoever holds the lock.
Result<std::vector<std::string>> set_aside_unfit(const SweepDirectory& directory);

}  // namespace sweepd
