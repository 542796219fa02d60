#include "runner/engine/run_sweep.h"

#include <algorithm>
#include <set>

#include "runner/core/decide.h"
#include "runner/core/json.h"
#include "runner/core/point_facts.h"
#include "runner/core/record.h"
#include "runner/platform/clock.h"
#include "runner/platform/process_identity.h"

namespace sweepd {
namespace {

constexpr Duration longest_wait = std::chrono::milliseconds(100);

class Run {
 public:
  Run(const Sweep& sweep, SweepState& state, WorkerPool& pool, const ChunkStore& store,
      const StopRequests& stop, ProgressWatcher& watcher, const RunOptions& options)
      : sweep_(sweep),
        state_(state),
        pool_(pool),
        store_(store),
        stop_(stop),
        watcher_(watcher),
        options_(options),
        dealing_{sweep.chunks.schedule, sweep.chunks.size, pool.size()},
        points_before_(state.done_points()),
        failed_before_(state.failed_points()),
        began_ns_(monotonic_ns()) {}

  RunTotals run() {
    while (!over()) {
      for (const WorkerEvent& event : pool_.poll(longest_wait)) take(event);
      if (!winding_down_) deal();
      look_around();
    }
    totals_.points = state_.done_points() - points_before_;
    totals_.failed = state_.failed_points() - failed_before_;
    totals_.elapsed_s = elapsed_s();
    return totals_;
  }

 private:
  double elapsed_s() const { return static_cast<double>(monotonic_ns() - began_ns_) * 1e-9; }
  bool over() const {
    return state_.all_done() || (winding_down_ && state_.running_workers() == 0) || cut_short_;
  }

  // ---- news ---------------------------------------------------------------------------------------------

  void take(const WorkerEvent& event) {
    switch (event.kind) {
      case WorkerEvent::Kind::ready:
        idle_.insert(event.worker);
        break;
      case WorkerEvent::Kind::finished:
        on_finished(event);
        break;
      case WorkerEvent::Kind::died:
        on_death(event);
        break;
      case WorkerEvent::Kind::broken:
        break_off(Error{event.message, {}});
        break;
    }
  }

  void on_finished(const WorkerEvent& event) {
    const ChunkReport& report = event.report;
    const auto lease = state_.running(event.worker);
    if (!state_.apply(Finished{event.worker, report.lease, report.until, report.failed})) return;
    totals_.busy_s += std::chrono::duration<double>(report.elapsed).count();
    totals_.cpu_s += std::chrono::duration<double>(report.cpu).count();
    totals_.retries += report.retries;
    totals_.non_finite += report.non_finite;
    totals_.max_rss_mib = std::max(totals_.max_rss_mib, report.max_rss_mib);
    measured_points_ += report.until - lease->chunk.first;
    idle_.insert(event.worker);
  }

  void on_death(const WorkerEvent& event) {
    idle_.erase(event.worker);
    ++totals_.worker_deaths;
    const auto lease = state_.running(event.worker);
    if (!lease) return;
    const auto saved = store_.salvage(lease->chunk);
    if (!saved) return break_off(saved.error());
    Lost lost{event.worker, lease->lease, saved->until, saved->failed, event.in_hand};
    state_.apply(lost);
    const bool timed_out = timed_out_.erase(event.worker) != 0;
    if (timed_out && event.in_hand == saved->until)
      return condemn(saved->until, {ErrorKind::timeout, timeout_message(), {}, {}}, 1, event.worker);
    last_death_ = event;
    if (!winding_down_)
      watcher_.on_notice("worker " + std::to_string(event.worker) + " was lost (" + event.message +
                         "); another takes its place");
  }

  std::string timeout_message() const {
    std::string text = "took longer than limits.timeout, ";
    append_json(text, std::chrono::duration<double>(*sweep_.limits.timeout).count());
    return text + " s";
  }

  // ---- what time brings ---------------------------------------------------------------------------------

  void look_around() {
    if (monotonic_ns() < next_look_ns_ && !over()) return;
    next_look_ns_ = monotonic_ns() + longest_wait.count();
    const Progress progress = counter_.count(state_, pool_, elapsed_s());
    watcher_.on_progress(progress);
    check_stop_requests();
    check_failures(progress.failed - failed_before_);
    check_timeouts();
  }

  void check_stop_requests() {
    const int requests = stop_.count();
    if (requests == 0) return;
    if (!winding_down_) {
      totals_.ending = Ending::stopped;
      wind_down();
      watcher_.on_notice("stopping: points in hand may end; interrupt again to stop at once");
    }
    if (requests > 1 || Duration(monotonic_ns() - winding_down_since_ns_) >= options_.grace) cut_short();
  }

  void check_failures(uint64_t failed) {
    if (winding_down_ || failed == 0) return;
    const OnFailure& limit = sweep_.on_failure;
    const bool too_many =
        (limit.stop_after && failed >= *limit.stop_after) ||
        (limit.stop_fraction &&
         static_cast<double>(failed) >= *limit.stop_fraction * static_cast<double>(state_.points()));
    if (!too_many) return;
    totals_.ending = Ending::too_many_failures;
    wind_down();
  }

  /// Commands watch their own time; a kernel runs in the worker, which has to be ended with it.
  void check_timeouts() {
    if (!sweep_.limits.timeout || std::holds_alternative<CommandTask>(sweep_.task)) return;
    for (WorkerId worker = 0; worker < pool_.size(); ++worker) {
      const WorkerProgress cell = pool_.progress(worker);
      if (!cell.in_hand || cell.in_hand_for < *sweep_.limits.timeout || !state_.running(worker)) continue;
      if (timed_out_.insert(worker).second) pool_.kill(worker);
    }
  }

  void wind_down() {
    winding_down_ = true;
    winding_down_since_ns_ = monotonic_ns();
    pool_.wind_down();
  }

  /// The points in hand are given up; what is in their part files is salvaged by the next run.
  void cut_short() { cut_short_ = true; }

  void break_off(Error error) {
    if (totals_.error) return;
    totals_.ending = Ending::broken;
    totals_.error = std::move(error);
    cut_short();
  }

  // ---- decisions ----------------------------------------------------------------------------------------

  std::optional<double> point_seconds() const {
    if (measured_points_ == 0) return std::nullopt;
    return totals_.busy_s / static_cast<double>(measured_points_);
  }

  void deal() {
    const Decision decision = decide(state_, {idle_.begin(), idle_.end()}, dealing_, point_seconds());
    for (const Assignment& assignment : decision.assignments) {
      state_.apply(Assigned{assignment.worker, ++lease_, assignment.chunk});
      idle_.erase(assignment.worker);
      pool_.assign(assignment, lease_);
    }
    if (decision.condemned.empty()) return;
    const std::string message = "its worker was lost " + std::to_string(deaths_to_condemn) +
                                " times while it ran, the last time " + last_death_.message;
    for (const uint64_t index : decision.condemned)
      condemn(index, {ErrorKind::lost, message, {}, {}}, deaths_to_condemn, last_death_.worker);
  }

  /// Records, in the place of the worker that was lost with it, that a point failed.
  void condemn(uint64_t index, const Failure& failure, uint32_t attempt, WorkerId worker) {
    const PointFacts facts = point_facts(sweep_, index);
    std::string line;
    append_record_head(line, index, text_of(facts.id), facts.params_json);
    append_error(line, failure);
    RunFacts run;
    const std::string host = host_name();
    run.attempt = attempt;
    run.host = host;
    run.worker = worker;
    if (failure.kind == ErrorKind::timeout)
      run.elapsed_s = std::chrono::duration<double>(*sweep_.limits.timeout).count();
    run.started_us = nanoseconds(CLOCK_REALTIME) / 1000;
    append_run(line, 0, run);
    if (auto committed = store_.commit_record(index, line); !committed) return break_off(committed.error());
    state_.apply(Condemned{index});
  }

  const Sweep& sweep_;
  SweepState& state_;
  WorkerPool& pool_;
  const ChunkStore& store_;
  const StopRequests& stop_;
  ProgressWatcher& watcher_;
  const RunOptions& options_;
  const Dealing dealing_;
  const uint64_t points_before_;
  const uint64_t failed_before_;
  const int64_t began_ns_;
  RunTotals totals_;
  ProgressCounter counter_;
  std::set<WorkerId> idle_;
  std::set<WorkerId> timed_out_;
  uint64_t lease_ = 0;
  uint64_t measured_points_ = 0;
  WorkerEvent last_death_{};
  int64_t winding_down_since_ns_ = 0;
  int64_t next_look_ns_ = 0;
  bool winding_down_ = false;
  bool cut_short_ = false;
};

}  // namespace

RunTotals run_sweep(const Sweep& sweep, SweepState& state, WorkerPool& pool, const ChunkStore& store,
                    const StopRequests& stop, ProgressWatcher& watcher, const RunOptions& options) {
  return Run(sweep, state, pool, store, stop, watcher, options).run();
}

}  // namespace sweepd
