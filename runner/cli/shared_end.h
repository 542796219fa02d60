// How a run that shares its sweep with others ends: who merges, and who goes on.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runner/cli/taken_directory.h"
#include "runner/engine/merger.h"

namespace sweepd {

struct SharedEnd {
  /// What was merged, by this run or by another; none where others go on and will.
  std::optional<MergeOutcome> outcome;
  /// The others have ended since and left points: this run is to carry on, and has not ended.
  bool carry_on = false;
  /// Another run has taken over before this one had ended.
  bool was_taken_over = false;
};

/// Adds a run's session to the manifest as it is on the disk, or replaces the one of its token.
void put_session(Manifest& manifest, const Session& session);

/// Adds a session that begins to the manifest. Where the sweep is shared it is not waited for long: what is
/// not added now is at the end.
Result<void> add_session(TakenDirectory& taken, const Session& session);

/// Ends a run that shares. Waits for the lock while `hold` returns true, which says
/// several times a second that this run is alive; what is done under it is done by one run after
/// the other, so the last one finds all points of the others. It merges what there is; one that finds all
/// points done does so in any case. `has_more`: this run would carry on if nobody else does.
Result<SharedEnd> end_shared(const Sweep& sweep, TakenDirectory& taken, const ChunkStore& store,
                             const std::optional<Session>& session, bool has_more,
                             const std::function<bool()>& hold);

}  // namespace sweepd
