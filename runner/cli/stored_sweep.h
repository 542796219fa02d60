// The sweep as a sweep directory has it.
#pragma once

#include <string>

#include "runner/core/sweep.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

/// Reads the directory's sweep.yaml, with relative paths taken from where the file was. Fails where the data
/// it names have changed since, so that its fingerprint is another.
Result<Sweep> stored_sweep(const SweepDirectory& directory, const std::string& file,
                           const std::string& fingerprint);
/// The same, and says why where its ids are of another version.
Result<Sweep> stored_sweep(const SweepDirectory& directory, const Manifest& manifest);

}  // namespace sweepd
