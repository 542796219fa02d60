// Task: what a worker runs for a point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/point.h"
#include "runner/core/point_facts.h"
#include "runner/core/record.h"
#include "runner/core/sweep.h"
#include "runner/core/worker_id.h"
#include "runner/core/worker_share.h"

namespace sweepd {

class GangLine;

/// What a task hears and says while it works on a point.
class Pulse {
 public:
  virtual ~Pulse() = default;
  /// To be called every 20 to 50 ms or so by a task that keeps this process busy: finished records that are
  /// due reach the disk meanwhile. May take away from the front of the buffer that run() appends to.
  virtual void beat() = 0;
  /// Whether the sweep is being stopped: then a task that only waits, for what is short, should give up.
  virtual bool is_stopping() const = 0;
};

/// The point and what is known of it. All views live until the next point.
struct PointContext {
  uint64_t index;
  std::string_view id;
  uint64_t seed;  ///< all 64 bits; programs are given what program_seeds.h makes of it
  const Point& point;
  std::string_view params_json;
  Pulse* pulse = nullptr;  ///< none: nobody listens
  uint32_t attempt = 1;    ///< from 1
};

/// Outside of a worker, where nobody listens; lives as long as `facts`.
inline PointContext context_of(const PointFacts& facts) {
  return {facts.index, text_of(facts.id), facts.seed, facts.point, facts.params_json};
}

/// The worker and what it was given.
struct WorkerContext {
  WorkerId worker{};  ///< among those of all ranks
  WorkerShare share{};

  // For gangs that span ranks:
  std::vector<uint32_t> cores_elsewhere{};  ///< of rank 1 and those after it; the share is of rank 0
  const GangLine* gang_line = nullptr;      ///< to the other ranks' workers
};

/// What one attempt came to. A task that succeeds has appended one JSON value to the buffer it was given.
struct Outcome {
  std::optional<Failure> failure;
  /// What was short (processes, memory, descriptors, a file server), so that the attempt could not be made:
  /// the point has no record and is to be run again.
  std::optional<Error> broken;
  /// It was ended from outside together with the sweep, by a signal that came to this process as well: there
  /// is no result and no failure, and the point is to be run again.
  bool interrupted = false;
  std::optional<double>
      cpu_s;  ///< user and system time of the processes started for it; none: the worker's own
  std::optional<double> max_rss_mib;  ///< likewise
  bool non_finite = false;            ///< the result had a NaN or an infinity, which stands in it as a string
};

/// Runs points, one after the other, in a worker process of its own.
class TaskRunner {
 public:
  virtual ~TaskRunner() = default;
  /// Appends the result, one JSON value, to `result`; what was appended before a failure is cut off
  /// by the caller.
  virtual Outcome run(const PointContext& context, std::string& result) = 0;
};

}  // namespace sweepd
