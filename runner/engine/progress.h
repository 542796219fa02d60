// Progress of a run: counted from the state and the workers' cells, as progress.json and progress
// bars show it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runner/core/sweep_state.h"
#include "runner/core/worker_pool.h"

namespace sweepd {

struct Progress {
  uint64_t total = 0;
  uint64_t done = 0;    ///< of all points, those of earlier runs included
  uint64_t failed = 0;  ///< of these, in this run
  double elapsed_s = 0;
  double rate = 0;              ///< points per second, over the last seconds
  std::optional<double> eta_s;  ///< none before the first points
};

/// Whoever shows or stores progress; called about ten times a second.
class ProgressWatcher {
 public:
  virtual ~ProgressWatcher() = default;
  virtual void on_progress(const Progress& progress) = 0;
  /// Something a person should know while the sweep runs on (a worker died, the sweep is winding down).
  virtual void on_notice(const std::string& text) = 0;
};

/// The rate of a counter by exponential smoothing over `window_s` seconds.
class RateMeter {
 public:
  double update(uint64_t count, double now_s);

 private:
  static constexpr double window_s = 5;
  uint64_t count_ = 0;
  double last_s_ = 0;
  double rate_ = 0;
  bool started_ = false;
};

class ProgressCounter {
 public:
  /// `done_elsewhere`: points that other runs of a shared sweep have done.
  Progress count(const SweepState& state, const WorkerPool& pool, double elapsed_s,
                 uint64_t done_elsewhere = 0);

 private:
  RateMeter meter_;
};

/// progress.json's text; `{"done":…,"failed":…,"total":…,"rate":…,"eta":…,"elapsed":…}`, times in seconds.
std::string progress_json(const Progress& progress);

/// A progress.json that is larger is none of ours.
inline constexpr uint64_t most_progress_bytes = uint64_t{64} << 10;

/// None for what progress_json() has not written.
std::optional<Progress> parse_progress(std::string_view text);

}  // namespace sweepd
