// ChunkSwap: puts another chunks/ folder in the place of the one there is, together with the manifest that
// goes with it. After a crash at any moment it is the one or the other, never a mixture. It does not know
// what is in them.
//
//   1. chunks.next is made and filled
//   2. chunks becomes chunks.<fingerprint of the old manifest>, chunks.next becomes chunks
//   3. the new manifest is written: from here on the new folder counts
//   4. the old folder becomes chunks.removed, and is removed
#pragma once

#include <string>

#include "runner/core/error.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

class ChunkSwap {
 public:
  /// `directory` outlives the swap; nobody else may write to it meanwhile.
  explicit ChunkSwap(const SweepDirectory& directory);
  ChunkSwap(const ChunkSwap&) = delete;
  ChunkSwap& operator=(const ChunkSwap&) = delete;
  /// Removes the new folder where it was not swapped in.
  ~ChunkSwap();

  /// Makes chunks.next.
  Result<void> begin() const;

  /// The folder to be filled; its files are to be synced.
  const std::string& folder() const { return next_; }

  /// Swaps. `before`: the manifest that is there.
  Result<void> commit(const Manifest& before, const Manifest& after) const;

  /// Undoes or completes a swap that a crash has cut short. To be called before chunks/ is looked at, by
  /// whoever holds the directory. `manifest`: the one that is there.
  static Result<void> tidy_up(const SweepDirectory& directory, const Manifest& manifest);

 private:
  const SweepDirectory& directory_;
  std::string next_;
};

}  // namespace sweepd
