// SweepSharing: a run's part of a sweep that several runs work on: what it claims next, with what is
// committed in it, and what the others have. It holds the directory's lock while it is alone, and is a member
// of those that claim once it is not.
#pragma once

#include <optional>

#include "runner/core/sweep.h"
#include "runner/engine/chunk_store.h"
#include "runner/engine/claims.h"
#include "runner/engine/directory_lock.h"
#include "runner/engine/sharing.h"

namespace sweepd {

class SweepSharing : public Sharing {
 public:
  /// Either `lock` or `claims` has a value; all of them outlive it. `blocks`: how the sweep is divided should
  /// another run ask. `list_every`: how often chunks/ is listed at most to find what others left.
  SweepSharing(const SweepDirectory& directory, const ChunkStore& store, const Blocks& blocks,
               std::optional<DirectoryLock>& lock, std::optional<Claims>& claims,
               Duration list_every = std::chrono::milliseconds(500));

  /// Says that this run is alive. False where others have taken over.
  bool hold();

  bool is_shared() const override { return claims_.has_value(); }
  /// Whether somebody has asked since the last look and had asked before: a request that is not renewed is of
  /// a run that has died.
  bool is_asked() override;
  Result<std::vector<Chunk>> open(const std::vector<Chunk>& in_hand) override;
  std::vector<Chunk> own_ranges() const override;
  uint64_t fair_share(uint64_t waiting) override;
  void give_back(const std::vector<Chunk>& spare, const std::vector<Chunk>& needed) override;
  Result<Claiming> claim(uint64_t points) override;
  void end_soon() override { claims_->end_soon(); }
  uint64_t done_elsewhere() override;

  /// Asks the run that holds the directory's lock to let this one take part; to be done again and again until
  /// the lock is free.
  static Result<void> ask(const SweepDirectory& directory);
  /// Forgets what was asked. For whoever has taken the lock.
  static void forget_asked(const SweepDirectory& directory);
  /// Removes all that runs at work have in the directory for each other and for people. For whoever holds the
  /// lock when no other run is left.
  static void clear(const SweepDirectory& directory);

 private:
  /// Committed elsewhere, at two times; shown as if it rose evenly from one to the other, an interval late.
  struct Elsewhere {
    uint64_t before = 0, now = 0;
    int64_t before_ns = 0, now_ns = 0;
  };

  Result<void> list_chunks();
  bool is_list_due(int64_t interval_ns) const;
  uint64_t missing_in(uint64_t block) const;
  std::vector<Chunk> done_in(const Chunk& range) const;
  Result<void> claim_fresh(uint64_t points, Claiming& claiming);
  Result<void> claim_from_gone(uint64_t points, Claiming& claiming);
  Result<bool> take_over(uint64_t block);
  Result<void> look_if_due();
  void count_elsewhere();

  const SweepDirectory& directory_;
  const ChunkStore& store_;
  Blocks blocks_;
  int64_t list_every_ns_;
  std::optional<DirectoryLock>& lock_;
  std::optional<Claims>& claims_;
  std::vector<Chunk> done_;  // committed, disjoint, in order, as listed last
  int64_t asked_ns_ = 0;     // the time of the request that was seen last
  int64_t listed_ns_ = 0;    // when; 0: never
  int64_t listing_took_ns_ = 0;
  int64_t looked_ns_ = 0;    // at the claims
  uint64_t next_fresh_ = 0;  // blocks before it are claimed or done
  Elsewhere elsewhere_;
};

}  // namespace sweepd
