// ChunkSwap: puts another chunks/ folder in the place of the one there is, together with the manifest that
// goes with it. After a crash at any moment it is the one or the other, never a mixture. It does not know
// what is in them.
//
//   1. chunks.next is made and filled, in the run's staging folder
//   2. chunks becomes chunks.<id of the old manifest> there, and chunks.next becomes chunks
//   3. the new manifest is written: from here on the new folder counts
//   4. the old folder is removed
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

  /// Swaps. `before`: the manifest that is there; `after` is given another id for its chunks.
  Result<void> commit(const Manifest& before, Manifest& after) const;

  /// Undoes a swap that was cut short, or removes what is left of it. `folder`: where the folders of the dead
  /// run are now, or the sweep directory itself, where earlier versions of sweepd did all this. For whoever
  /// holds the directory, before chunks/ is looked at.
  static Result<void> restore(const SweepDirectory& directory, const std::string& folder);

 private:
  const SweepDirectory& directory_;
  std::string next_;
};

}  // namespace sweepd
