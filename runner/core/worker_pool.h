// WorkerPool: how the loop sees workers, wherever they are. Local processes are one implementation, fakes in
// tests another.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runner/core/decide.h"
#include "runner/core/error.h"
#include "runner/core/point_times.h"

namespace sweepd {

/// A worker ended its chunk at `until`: everything before it is committed.
struct ChunkReport {
  uint64_t lease = 0;
  uint64_t until = 0;
  uint64_t failed = 0;
  Duration elapsed{};       ///< wall time of the chunk
  Duration cpu{};           ///< user and system time of its points
  uint32_t retries = 0;     ///< attempts beyond each point's first
  uint64_t non_finite = 0;  ///< points whose result had a NaN or an infinity
  double max_rss_mib = 0;
  PointTimes times;  ///< wall time of each point
};

/// News of a worker.
struct WorkerEvent {
  enum class Kind {
    ready,     ///< started and bound; it may be given a chunk
    finished,  ///< `report` tells
    died,      ///< the process ended; it is replaced, and `ready` follows
    gone,      ///< its rank or node was lost, and it is not replaced; `message` tells, for the first of these
    broken,    ///< it could not start, or not write or go on with its chunk: `message` tells why
  };
  Kind kind;
  WorkerId worker;
  ChunkReport report;
  std::string message;              ///< died: how ("killed by signal 9 (SIGKILL)")
  std::optional<uint64_t> in_hand;  ///< died: the point it was running
  bool is_shortage = false;         ///< broken: as in Error
};

/// What a worker is doing at this moment.
struct WorkerProgress {
  uint64_t lease = 0;   ///< which assignment the counts are of: news of its end may be under way
  uint64_t done = 0;    ///< points of the chunk it has
  uint64_t failed = 0;  ///< of these
  std::optional<uint64_t> in_hand;
  Duration in_hand_for{};
};

class WorkerPool {
 public:
  virtual ~WorkerPool() = default;
  virtual uint32_t size() const = 0;
  virtual void assign(const Assignment& assignment, uint64_t lease) = 0;
  /// Asks every worker to end its chunk after the point in hand.
  virtual void wind_down() = 0;
  /// Asks every worker whose assignment has this or an earlier lease to end its chunk after the point in
  /// hand.
  virtual void end_chunks(uint64_t last_lease) = 0;
  /// Ends a worker at once; `died` follows.
  virtual void kill(WorkerId worker) = 0;
  /// Stops all workers and whatever they have started, as SIGSTOP does, until resume(). Returns when that is
  /// done. News of them may still come.
  virtual void suspend() = 0;
  virtual void resume() = 0;
  /// Waits for news for at most `timeout`, or until a signal arrives.
  virtual std::vector<WorkerEvent> poll(Duration timeout) = 0;
  virtual WorkerProgress progress(WorkerId worker) const = 0;
};

}  // namespace sweepd
