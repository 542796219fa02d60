#include "runner/engine/progress.h"

#include <algorithm>
#include <cmath>

#include "runner/core/json.h"
#include "runner/core/space.h"
#include "runner/engine/small_json.h"

namespace sweepd {

double RateMeter::update(uint64_t count, double now_s) {
  if (!started_) {
    started_ = true;
    count_ = count;
    last_s_ = now_s;
    return 0;
  }
  const double elapsed = now_s - last_s_;
  if (elapsed <= 0) return rate_;
  // A worker that dies takes back what it had not written.
  const double current = static_cast<double>(std::max(count, count_) - count_) / elapsed;
  // The first look has nothing to be smoothed with.
  const double weight = rate_ == 0 ? 1 : 1 - std::exp(-elapsed / window_s);
  rate_ += weight * (current - rate_);
  count_ = count;
  last_s_ = now_s;
  return rate_;
}

Progress ProgressCounter::count(const SweepState& state, const WorkerPool& pool, double elapsed_s,
                                uint64_t done_elsewhere) {
  Progress progress{.total = state.points(),
                    .done = state.done_points() + done_elsewhere,
                    .failed = state.failed_points(),
                    .elapsed_s = elapsed_s,
                    .eta_s = std::nullopt};
  for (WorkerId worker; worker.number < pool.size(); ++worker.number) {
    const auto running = state.running(worker);
    if (!running) continue;
    const WorkerProgress cell = pool.progress(worker);
    if (cell.lease != running->lease) continue;  // counts of its last chunk, which the state knows already
    progress.done += cell.done;
    progress.failed += cell.failed;
  }
  progress.done = std::min(progress.done, progress.total);
  progress.rate = meter_.update(progress.done, elapsed_s);
  if (progress.rate > 0) progress.eta_s = static_cast<double>(progress.total - progress.done) / progress.rate;
  return progress;
}

std::string progress_json(const Progress& progress) {
  std::string json = "{\"done\":";
  append_json(json, progress.done);
  json += ",\"failed\":";
  append_json(json, progress.failed);
  json += ",\"total\":";
  append_json(json, progress.total);
  json += ",\"rate\":";
  append_json(json, progress.rate);
  json += ",\"eta\":";
  if (progress.eta_s)
    append_json(json, *progress.eta_s);
  else
    json += "null";
  json += ",\"elapsed\":";
  append_json(json, progress.elapsed_s);
  return json + "}\n";
}

std::optional<Progress> parse_progress(std::string_view text) {
  const auto json = parse_small_json(text);
  if (!json) return std::nullopt;
  JsonFields fields(*json);
  for (const char* key : {"done", "failed", "total", "rate", "eta", "elapsed"}) fields.want(key);
  Progress progress;
  double eta_s = -1;
  fields.read("done", progress.done);
  fields.read("failed", progress.failed);
  fields.read("total", progress.total);
  fields.read("rate", progress.rate);
  fields.read("eta", eta_s);
  fields.read("elapsed", progress.elapsed_s);
  if (eta_s >= 0) progress.eta_s = eta_s;
  const bool are_plausible = progress.total <= max_points && progress.done <= progress.total &&
                             progress.failed <= progress.done && progress.rate >= 0 &&
                             progress.elapsed_s >= 0;
  return fields.are_fine() && are_plausible ? std::optional(progress) : std::nullopt;
}

}  // namespace sweepd
