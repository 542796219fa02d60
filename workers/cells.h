// Cells: memory shared by an agent and its workers, one cache line each. Progress, timeouts and "which point
// killed the worker" are read from here, so that they cost no message per point.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "runner/core/error.h"
#include "runner/core/worker_id.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

inline constexpr uint64_t no_point = ~uint64_t{0};

/// Written by its worker only.
struct alignas(64) WorkerCell {
  std::atomic<uint64_t> in_hand{no_point};  ///< index of the point being run
  std::atomic<int64_t> began_ns{0};         ///< CLOCK_MONOTONIC; when its attempt began
  std::atomic<uint64_t> lease{0};           ///< which assignment the counts below are of
  std::atomic<uint64_t> done{0};            ///< points of the chunk in hand
  std::atomic<uint64_t> failed{0};          ///< of these
};

/// Written by the agent only.
struct alignas(64) AgentCell {
  std::atomic<bool> winding_down{false};  ///< no new point may begin
  /// Chunks of leases up to this one end after the point in hand.
  std::atomic<uint64_t> ended_leases{0};
};

static_assert(std::atomic<uint64_t>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

/// A mapping of one AgentCell and a WorkerCell for each worker, in memory that has no name in
/// any file system.
class Cells {
 public:
  static Result<Cells> create(uint32_t workers);
  /// Maps the cells behind a descriptor inherited from the process that created them.
  static Result<Cells> attach(UniqueFd fd, uint32_t workers);

  Cells(Cells&& other) noexcept;
  Cells& operator=(Cells&&) = delete;
  ~Cells();

  int fd() const { return fd_.get(); }
  AgentCell& agent() const { return *agent_; }
  WorkerCell& worker(WorkerId worker) const { return workers_[worker.number]; }

 private:
  Cells(UniqueFd fd, void* memory, uint32_t workers);

  UniqueFd fd_;
  AgentCell* agent_;
  std::span<WorkerCell> workers_;
};

}  // namespace sweepd
