// Verification: every byte that a sweep directory's results rest on is read, and all that is wrong with it is
// told. It changes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/sweep.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

struct Verification {
  uint64_t files = 0;       ///< that hold records
  uint64_t records = 0;     ///< intact, and each that of its point
  bool is_damaged = false;  ///< something is wrong with the records
  bool merged_files_compared = false;
  std::vector<Error> faults;
};

/// Reads the records in chunks/ and in the archives; where all points have one, makes the merged files again
/// in the folder `scratch` and compares them. `sweep`: that of the manifest.
Result<Verification> verify(const Sweep& sweep, const SweepDirectory& directory, const Manifest& manifest,
                            const std::string& scratch);

}  // namespace sweepd
