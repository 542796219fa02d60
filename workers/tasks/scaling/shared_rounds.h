// SharedRounds: memory that the members of a gang and the process that forked them share: a barrier that is
// used once per round, and what each round came to. It knows nothing of how members live and die.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>

#include "runner/core/error.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

/// One round. Times are of CLOCK_MONOTONIC.
struct GangRound {
  double seconds;  ///< from the barrier's release to the end of the last member
  uint64_t sum;    ///< of all members' numbers
};

class SharedRounds {
 public:
  /// `has_gate`: the caller lets the members into each round, with await_gate() and open_gate().
  static Result<SharedRounds> make(uint32_t members, uint32_t rounds, bool has_gate);
  SharedRounds(SharedRounds&& other) noexcept;
  SharedRounds& operator=(SharedRounds&&) = delete;
  ~SharedRounds();

  // ---- in a member --------------------------------------------------------------------------------------

  /// Returns once the caller has opened the gate for this round. A waiting member sleeps: what comes to open
  /// the gate may need its core.
  void await_gate(uint32_t round);
  /// Returns once all members have called it for this round. A waiting member spins, so that all begin at
  /// once, but not for long, and not where another one may need its core.
  void await_all(uint32_t round, bool may_spin);
  void end_share(uint32_t round, uint64_t number);

  // ---- in the caller ------------------------------------------------------------------------------------

  /// Readable when all members have come to the gate; -1 where there is none.
  int gate_fd() const { return all_at_gate_.get(); }
  /// Whether they have, since this was called last.
  bool all_came_to_gate() const;
  void open_gate(uint32_t round);

  /// Once all members have ended their shares of it.
  GangRound result(uint32_t round) const;

 private:
  struct Cells {
    alignas(64) std::atomic<uint32_t> arrived{0};  ///< members, over all rounds
    alignas(64) std::atomic<uint32_t> opened{0};   ///< rounds
    std::atomic<uint32_t> sleepers{0};
    alignas(64) std::atomic<uint32_t> at_gate{0};  ///< members, over all rounds
    std::atomic<uint32_t> let_in{0};               ///< rounds
  };
  /// What the members write about a round.
  struct alignas(64) RoundCell {
    std::atomic<int64_t> released_ns{0};
    std::atomic<int64_t> ended_ns{0};  ///< of the last member so far
    std::atomic<uint64_t> sum{0};
  };
  static_assert(std::atomic<uint32_t>::is_always_lock_free && std::atomic<uint64_t>::is_always_lock_free);

  SharedRounds(void* memory, size_t bytes, uint32_t members, uint32_t rounds, UniqueFd all_at_gate);
  bool spin_until_opened(uint32_t round) const;

  Cells* cells_;
  RoundCell* rounds_;
  size_t bytes_;
  uint32_t members_;
  UniqueFd all_at_gate_;
};

}  // namespace sweepd
