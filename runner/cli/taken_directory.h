// TakenDirectory: a sweep directory made, or taken up from an earlier run, for the sweep that is to run in
// it: held against other runs, in the shape of the sweep file as it is now.
#pragma once

#include <optional>
#include <string>

#include "runner/cli/requests.h"
#include "runner/core/sweep.h"
#include "runner/engine/directory_lock.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

struct TakenDirectory {
  SweepDirectory directory;
  Manifest manifest{};
  /// None where the sweep is finished and is only looked at.
  std::optional<DirectoryLock> lock{};

  bool finished() const { return manifest.complete && !lock; }
};

/// Says on standard error what became of results of an earlier shape of the sweep. Fails where another run
/// holds the directory, or another sweep's results are in it.
Result<TakenDirectory> take_directory(const Sweep& sweep, const RunRequest& request);

}  // namespace sweepd
