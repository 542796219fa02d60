// SweepState: which points wait, run and are done. It folds events and answers questions; it knows no files,
// processes or clocks. apply() is the one place where a point changes state:
//
//   waiting --Assigned--> running --Finished--> done, up to where the worker came; the rest waits again
//                         running --Lost------> done, up to what is on disk; the rest waits again
//                         waiting --Condemned-> done (a point that is given up, recorded as failed)
//   waiting, done --Shared--> left to the other runs, but for those in the ranges that stay this run's
//             left --Claimed-> this run's: waiting, or done where they are committed
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

#include "runner/core/chunk.h"
#include "runner/core/kept_points.h"
#include "runner/core/worker_id.h"

namespace sweepd {

/// A worker was given a chunk. `lease` numbers all assignments, so that late news of an earlier
/// one is recognised.
struct Assigned {
  WorkerId worker;
  uint64_t lease;
  Chunk chunk;
};

/// A worker has committed the records of [chunk.first, until).
struct Finished {
  WorkerId worker;
  uint64_t lease;
  uint64_t until;
  uint64_t failed;
};

/// A worker died or could not go on; the records of [chunk.first, until) were saved. `in_hand` is the point
/// that it was running when it died, if known.
struct Lost {
  WorkerId worker;
  uint64_t lease;
  uint64_t until;
  uint64_t failed;
  std::optional<uint64_t> in_hand;
  bool timed_out = false;  ///< it was ended since `in_hand` took too long: that costs the point an attempt
};

/// The failed record of a condemned point was committed.
struct Condemned {
  uint64_t index;
};

/// Other runs take part: only the points of these ranges, in order and part of what was this run's before,
/// are this run's from now on. Chunks that run go on; what they leave outside of the ranges does not wait
/// here. Each range is dealt for itself: no chunk crosses from one to the next.
struct Shared {
  std::vector<Chunk> ours;
};

/// A range that was left to others is this run's now; `done`: what is committed in it, in order of their
/// firsts.
struct Claimed {
  Chunk range;
  std::vector<Chunk> done;
};

using SweepEvent = std::variant<Assigned, Finished, Lost, Condemned, Shared, Claimed>;

/// A point that was in hand when its worker died is tried again, alone at the head of its chunk; after this
/// many deaths it is condemned: recorded as failed, so that it cannot stop the sweep.
inline constexpr uint32_t deaths_to_condemn = 2;

/// A range of points nobody works on. Its first is not a kept one.
struct Waiting {
  Chunk chunk;
  uint32_t deaths = 0;    ///< how many workers died with chunk.first in hand
  uint32_t attempts = 0;  ///< of chunk.first, that ended with its worker for taking too long
  bool careful = false;   ///< a worker died in it before: flush every record, so that the culprit is found
  bool condemned() const { return deaths >= deaths_to_condemn; }
};

class SweepState {
 public:
  /// `done`: disjoint ranges whose records are committed already. `kept` points are done, too; they may lie
  /// in any range.
  SweepState(uint64_t points, const std::vector<Chunk>& done, KeptPoints kept = {});

  /// Returns false, and changes nothing, for news of a lease that is not (or no longer) held, and for ranges
  /// that cannot be shared or claimed.
  bool apply(const SweepEvent& event);

  uint64_t points() const { return points_; }
  uint64_t waiting_points() const { return waiting_points_; }
  uint64_t running_points() const { return running_points_; }
  /// Kept ones included. Where the sweep is shared, of this run's points alone, as are those above.
  uint64_t done_points() const { return kept_.size() + own_points_ - waiting_points_ - running_points_; }
  /// Failed points committed since this state was made.
  uint64_t failed_points() const { return failed_points_; }
  bool all_done() const { return done_points() == points_; }
  /// Nothing of what is this run's waits or runs.
  bool is_idle() const { return waiting_.empty() && leases_.empty(); }
  /// Whether a point is this run's.
  bool owns(uint64_t index) const;

  const KeptPoints& kept() const { return kept_; }
  /// In order of index.
  const std::map<uint64_t, Waiting>& waiting() const { return waiting_; }
  std::optional<Assigned> running(WorkerId worker) const;
  size_t running_workers() const { return leases_.size(); }
  /// In order of index.
  std::vector<Chunk> running_chunks() const;

 private:
  /// What a point has behind it that left no record.
  struct Past {
    uint32_t deaths = 0;
    uint32_t attempts = 0;
  };
  struct Lease {
    uint64_t number;
    Chunk chunk;
    bool careful;
  };

  bool on(const Assigned& event);
  bool on(const Finished& event);
  bool on(const Lost& event);
  bool on(const Condemned& event);
  bool on(const Shared& event);
  bool on(const Claimed& event);
  std::optional<Lease> end_lease(WorkerId worker, uint64_t lease, uint64_t until, uint64_t failed);
  void take_waiting(std::map<uint64_t, Waiting>::iterator range);
  void add_waiting(const Waiting& range);
  void add_own_waiting(Waiting range);
  void add_gaps(const Chunk& range, std::vector<Chunk> between);
  std::map<uint64_t, uint64_t>::const_iterator own_range_at(uint64_t index) const;
  bool is_own(const Chunk& chunk) const;
  uint64_t own_in(const Chunk& chunk) const;
  void recount();

  KeptPoints kept_;
  uint64_t points_;
  uint64_t own_points_;  // that are not kept; those that neither wait nor run are done
  uint64_t waiting_points_ = 0;
  uint64_t running_points_ = 0;  // of the own ones
  uint64_t failed_points_ = 0;
  std::optional<std::map<uint64_t, uint64_t>> ours_;  // where shared: the ends of our ranges, by first index
  std::map<uint64_t, Waiting> waiting_;               // by first index
  std::unordered_map<WorkerId, Lease> leases_;
  std::unordered_map<uint64_t, Past> pasts_;  // by index, for points that were in hand at a death
};

}  // namespace sweepd
