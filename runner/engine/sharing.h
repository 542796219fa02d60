// Sharing: how the loop sees other runs that work on the same sweep. Files are one implementation, fakes in
// tests another.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/core/chunk.h"
#include "runner/core/error.h"
#include "runner/core/sweep_state.h"

namespace sweepd {

/// What came of asking for more points.
struct Claiming {
  /// What is left where nothing could be claimed.
  enum class Rest {
    unknown,  ///< points may be had later: ask again in a second
    others,   ///< living runs hold all that is left
    nothing,  ///< every point that is not this run's is committed
  };
  std::vector<Claimed> claimed{};  ///< these are this run's now
  Rest rest = Rest::unknown;       ///< means nothing where something was claimed
  std::string others{};            ///< Rest::others: who they are and what they have, for people
};

class Sharing {
 public:
  virtual ~Sharing() = default;

  /// Whether only what was claimed may run. It stays so once it is.
  virtual bool is_shared() const = 0;

  /// Where it is not: whether another run asks to take part. Cheap; called about once a second.
  virtual bool is_asked() = 0;
  /// Lets others take part. Returns the ranges that stay this run's, which hold the chunks in hand. Where it
  /// fails the sweep is not shared.
  virtual Result<std::vector<Chunk>> open(const std::vector<Chunk>& in_hand) = 0;

  /// This run's, in order.
  virtual std::vector<Chunk> own_ranges() const = 0;

  /// This run's part of `waiting`, the points that wait here, and of what nobody has claimed, were that
  /// divided evenly among all runs. Cheap.
  virtual uint64_t fair_share(uint64_t waiting) = 0;

  /// Gives ranges back: those that hold something of `spare` and nothing of `needed`.
  virtual void give_back(const std::vector<Chunk>& spare, const std::vector<Chunk>& needed) = 0;

  /// Claims ranges with at least so many points that have no record, as far as they are to be had.
  virtual Result<Claiming> claim(uint64_t points) = 0;

  /// Says that this run begins no more points; those it leaves are for others.
  virtual void end_soon() = 0;

  /// Points committed that are not this run's, as known about some seconds ago.
  virtual uint64_t done_elsewhere() = 0;
};

}  // namespace sweepd
