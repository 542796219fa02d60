// The loop that runs a sweep:
//
//   take news from the workers and fold them into the state,
//   let decide() deal waiting points to idle workers,
//   tell whoever watches,
//   until nothing waits or runs, or somebody asked to stop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runner/core/sweep.h"
#include "runner/core/sweep_state.h"
#include "runner/core/worker_pool.h"
#include "runner/engine/chunk_store.h"
#include "runner/engine/progress.h"
#include "runner/engine/sharing.h"

namespace sweepd {

/// Why a run ended.
enum class Ending {
  complete,           ///< every point has its record
  left_to_others,     ///< nothing is left for this run: others that share the sweep run the rest
  stopped,            ///< asked to stop; can be carried on
  too_many_failures,  ///< on_failure's limit was reached; can be carried on
  deadline,           ///< no further point would have ended in time; can be carried on
  broken,             ///< an operation failed: `error` tells; can be carried on
  taken_over,         ///< another run holds the directory now; nothing may be written any more
};

/// What the run did, beside its records.
struct RunTotals {
  Ending ending = Ending::complete;
  std::optional<Error> error;
  std::string others;   ///< left_to_others: who has the rest, for people
  uint64_t points = 0;  ///< recorded in this run
  uint64_t failed = 0;  ///< of these
  uint64_t retries = 0;
  uint64_t worker_deaths = 0;
  uint64_t non_finite = 0;  ///< points whose result had a NaN or an infinity
  double elapsed_s = 0;
  double cpu_s = 0;
  double busy_s = 0;
  double idle_tail_s = 0;  ///< of all workers together: how long they idled with nothing left to hand out
  double max_rss_mib = 0;
};

/// What the world outside asks of a run.
class Outside {
 public:
  virtual ~Outside() = default;
  /// How often somebody has asked to stop: once lets the points in hand end, twice does not.
  virtual int stop_requests() const = 0;
  /// Whether a batch system has said that the time it gives is nearly over.
  virtual bool time_is_nearly_over() const { return false; }
  /// When everything must have ended (CLOCK_MONOTONIC, ns), such as shortly before a batch system kills the
  /// job; none where it is not known. It may change. No point begins that would not end by then, as far as
  /// the times of others tell; what runs then is stopped, which costs it no attempt.
  virtual std::optional<int64_t> end_by_ns() const { return std::nullopt; }
  /// Asked again and again when a run would end for that: false while it is being found out whether it still
  /// holds.
  virtual bool is_end_certain() { return true; }
  /// Whether somebody has asked to pause (Ctrl-Z); then pause() returns when it goes on.
  virtual bool pause_requested() const = 0;
  virtual void pause() = 0;
  /// Says that this run is alive; about once a second. False where another has taken over its directory.
  virtual bool hold_directory() = 0;
  /// How other runs may take part in the sweep; null where they may not.
  virtual Sharing* sharing() { return nullptr; }
};

struct RunOptions {
  Duration grace = std::chrono::seconds(30);  ///< for points in hand, once the run has to end
  /// The same where the time is nearly over and nobody knows when it is.
  Duration grace_before_unknown_end = std::chrono::seconds(10);
  /// How long a run that has nothing left to do stays before it leaves the rest to others: those who die just
  /// then are found out. Longer than a sign of life counts (claims.cc).
  Duration stay_before_leaving = std::chrono::seconds(10);
  uint32_t code = 0;  ///< the number that records tell
};

/// Runs all points of `state` that wait. The pool's workers write to the store's folder.
RunTotals run_sweep(const Sweep& sweep, SweepState& state, WorkerPool& pool, const ChunkStore& store,
                    Outside& outside, ProgressWatcher& watcher, const RunOptions& options);

}  // namespace sweepd
