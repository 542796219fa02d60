// Task: what a worker runs for a point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/point.h"
#include "runner/core/record.h"
#include "runner/core/sweep.h"

namespace sweepd {

/// The point and what is known of it. All views live until the next point.
struct PointContext {
  uint64_t index;
  std::string_view id;
  uint64_t seed;
  const Point& point;
  std::string_view params_json;
};

/// The worker and what it was given.
struct WorkerContext {
  uint32_t worker = 0;
  uint32_t cores = 1;                  ///< physical cores this worker has
  std::string cpus;                    ///< OS numbers, such as "4-5"
  std::vector<std::string> gang_cpus;  ///< for gangs: one cpu list for each core the whole sweep may use
};

/// What one attempt came to. A task that succeeds has appended one JSON value to the buffer it was given.
struct Outcome {
  std::optional<Failure> failure;
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
