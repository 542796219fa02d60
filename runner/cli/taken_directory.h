// TakenDirectory: a sweep directory made, or taken up from an earlier run, for the sweep that is to run in
// it: held against other runs, or shared with those of the same sweep, in the shape of the sweep file as it
// is now.
#pragma once

#include <optional>
#include <string>

#include "runner/cli/requests.h"
#include "runner/core/sweep.h"
#include "runner/engine/chunk_store.h"
#include "runner/engine/claims.h"
#include "runner/engine/directory_lock.h"
#include "runner/engine/sweep_directory.h"
#include "runner/platform/stop_signals.h"

namespace sweepd {

struct TakenDirectory {
  SweepDirectory directory;
  Manifest manifest{};
  /// Held by a run that is alone, and for a moment by one that shares. None where the sweep is finished and
  /// is only looked at.
  std::optional<DirectoryLock> lock{};
  /// Of a run that shares the sweep with others. Neither where the sweep is finished and is only looked at.
  std::optional<Claims> claims{};
  /// What the task is made of now; its number is the manifest's `code` once the directory is held or shared.
  std::vector<CodeFile> code_files{};

  bool finished() const { return manifest.complete && !lock && !claims; }
};

/// What is committed once damaged files are set aside, which is said on standard error, and half-written ones
/// salvaged.
Result<ChunkFolder> recover_and_report(ChunkStore& store);

/// Says on standard error what became of results of an earlier shape of the sweep. Where another run of the
/// same sweep holds the directory and `request.join` is set, asks it to share, and waits until it does or has
/// ended. Fails where another run holds the directory and does not share, or another sweep's results are in
/// it, and, with a shortage, where it is asked to stop while it waits.
Result<TakenDirectory> take_directory(const Sweep& sweep, const RunRequest& request, StopSignals& signals);

}  // namespace sweepd
