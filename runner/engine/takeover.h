// Takeover: the other runs that have a folder in the sweep directory, and what is done with those of dead
// ones: what they left half written is saved, and the folder removed. Once that is done such a run changes
// nothing any more, should it have been asleep instead of dead.
#pragma once

#include <string>
#include <vector>

#include "runner/core/error.h"
#include "runner/engine/run_identity.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

struct OtherRun {
  std::string token;
  bool has_folder = false;
  std::vector<RunIdentity> identity{};  ///< at most one; none where its file says nothing that is one
  int64_t renewed_ns = 0;
  Life life = Life::dead;
};

/// The run of a token; dead where it has no folder (any more). `now_ns`: by the clock of the directory's
/// files.
OtherRun look_at_run(const std::string& directory, std::string_view token, int64_t now_ns);

/// Saves what runs that were found dead have left, and removes their folders and locks. For whoever holds the
/// lock, before anything else in the directory is looked at. Runs that were only asleep change nothing any
/// more once it is done. `directory` has the staging folder of the caller, which stays alive meanwhile.
Result<void> clear_runs(const SweepDirectory& directory, const std::vector<std::string>& tokens);

/// The same for all that are found dead now. For members, who share the directory; several may do it at once.
Result<void> clear_dead_runs(const SweepDirectory& directory);

}  // namespace sweepd
