// Setting the results of an earlier sweep aside: all that is in the sweep directory becomes a folder beside
// it.
#pragma once

#include <optional>
#include <string>

#include "runner/core/error.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

/// Moves what is in the directory to `<path>.before-1` (or the next free number) and returns that name;
/// none where there is no sweep in it yet. For
/// whoever holds the lock, while there are no other living runs. Cut short, all of it is moved back by the
/// next run.
Result<std::optional<std::string>> set_aside(const SweepDirectory& directory);

/// Moves back what is in a folder that was on its way to be set aside when its run died.
Result<void> restore_set_aside(const SweepDirectory& directory, const std::string& folder);

}  // namespace sweepd
