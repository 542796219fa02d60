// A sweep file's text becomes a Sweep, or a list of everything that is wrong with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/sweep.h"

namespace sweepd {

using Errors = std::vector<Error>;

/// Reads the file at `path` and the data files it names. Fails with every error found, in order of position.
/// Relative paths inside are taken from the file's folder.
tl::expected<Sweep, Errors> load_sweep(const std::string& path);

/// The same for a text already in memory; `path` is for messages, the default name and the folder.
tl::expected<Sweep, Errors> parse_sweep(std::string text, const std::string& path);

}  // namespace sweepd
