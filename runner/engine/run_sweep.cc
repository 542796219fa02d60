#include "runner/engine/run_sweep.h"

#include <algorithm>
#include <set>

#include "runner/core/decide.h"
#include "runner/core/json.h"
#include "runner/core/point_facts.h"
#include "runner/core/record.h"
#include "runner/core/task_traits.h"
#include "runner/engine/point_watch.h"
#include "runner/platform/clock.h"
#include "runner/platform/process_identity.h"

namespace sweepd {
namespace {

constexpr Duration longest_wait = std::chrono::milliseconds(100);

uint64_t divided_up(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

class Run {
 public:
  Run(const Sweep& sweep, SweepState& state, WorkerPool& pool, const ChunkStore& store, Outside& outside,
      ProgressWatcher& watcher, const RunOptions& options)
      : sweep_(sweep),
        state_(state),
        pool_(pool),
        store_(store),
        outside_(outside),
        watcher_(watcher),
        options_(options),
        sharing_(outside.sharing()),
        dealing_{sweep.chunks.schedule, sweep.chunks.size, pool.size()},
        failed_before_(state.failed_points()),
        workers_watch_time_(traits_of(sweep.task).program != nullptr),
        began_ns_(monotonic_ns()) {}

  RunTotals run() {
    if (is_shared()) state_.apply(Shared{sharing_->own_ranges()});
    while (!over()) {
      for (const WorkerEvent& event : pool_.poll(longest_wait)) take(event);
      if (!winding_down_ && is_shared()) claim();
      if (!winding_down_ && !end_is_in_doubt_) deal();
      look_around();
    }
    if (totals_.ending == Ending::broken && !outside_.hold_directory()) be_taken_over();
    totals_.failed = state_.failed_points() - failed_before_;
    totals_.elapsed_s = elapsed_s();
    return totals_;
  }

 private:
  double elapsed_s() const { return static_cast<double>(monotonic_ns() - began_ns_) * 1e-9; }
  bool over() const { return all_done() || (winding_down_ && state_.running_workers() == 0) || cut_short_; }
  bool is_shared() const { return sharing_ != nullptr && sharing_->is_shared(); }
  bool all_done() const {
    return is_shared() ? state_.is_idle() && rest_ != Claiming::Rest::unknown : state_.all_done();
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
      case WorkerEvent::Kind::gone:
        on_gone(event);
        break;
      case WorkerEvent::Kind::broken:
        on_broken(event);
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
    times_.add(report.times);
    measured_points_ += count({lease->chunk.first, report.until});
    idle_.insert(event.worker);
  }

  /// Points that have their records now; they are this run's doing. Returns how many.
  uint64_t count(const Chunk& recorded) {
    const uint64_t points = state_.kept().missing_in(recorded);
    totals_.points += points;
    rest_ = Claiming::Rest::unknown;  // what others have was looked at before
    return points;
  }

  void on_death(const WorkerEvent& event) {
    idle_.erase(event.worker);
    ++totals_.worker_deaths;
    const bool timed_out = timed_out_.erase(event.worker) != 0;
    const auto lease = state_.running(event.worker);
    if (!lease) return;
    const Salvage saved = salvage(lease->chunk);
    const bool in_hand = event.in_hand == saved.until;
    state_.apply(
        Lost{event.worker, lease->lease, saved.until, saved.failed, event.in_hand, timed_out && in_hand});
    count({lease->chunk.first, saved.until});
    if (timed_out && in_hand) return on_timeout(saved.until, event.worker);
    last_death_ = event;
    if (!winding_down_)
      watcher_.on_notice("worker " + std::to_string(event.worker.number) + " was lost (" + event.message +
                         "); another takes its place");
  }

  /// The attempt is over; another follows where the sweep file says so.
  void on_timeout(uint64_t index, WorkerId worker) {
    const uint32_t attempts = state_.waiting().at(index).attempts;
    const Retries& retries = sweep_.retries;
    if (retries.on[static_cast<size_t>(ErrorKind::timeout)] && attempts <= retries.max)
      ++totals_.retries;
    else
      condemn(index, {ErrorKind::timeout, timeout_message(), {}, {}}, attempts, worker);
  }

  std::string timeout_message() const {
    std::string text = "took longer than limits.timeout, ";
    append_json(text, std::chrono::duration<double>(*sweep_.limits.timeout).count());
    return text + " s";
  }

  /// The point it had in hand is not to blame: the whole rank went.
  void on_gone(const WorkerEvent& event) {
    idle_.erase(event.worker);
    timed_out_.erase(event.worker);
    give_back(event.worker);
    if (!event.message.empty()) watcher_.on_notice(event.message + "; the others go on with its points");
    if (++gone_workers_ == pool_.size())
      break_off(Error{.message = "no worker is left", .where = {}, .is_shortage = true});
  }

  /// A worker could not start, or not go on with its chunk. What it had written counts; the rest waits for
  /// the next run.
  void on_broken(const WorkerEvent& event) {
    if (!outside_.hold_directory()) return be_taken_over();
    break_off(Error{.message = event.message, .where = {}, .is_shortage = event.is_shortage});
    give_back(event.worker);
  }

  /// What it has committed or written counts; the rest of its chunk waits again.
  void give_back(WorkerId worker) {
    const auto lease = state_.running(worker);
    if (!lease) return;
    const Salvage saved = salvage(lease->chunk);
    state_.apply(Lost{worker, lease->lease, saved.until, saved.failed, std::nullopt});
    count({lease->chunk.first, saved.until});
  }

  /// What cannot be salvaged now is left for the next run.
  Salvage salvage(const Chunk& chunk) {
    const auto saved = store_.salvage(chunk);
    if (saved) return *saved;
    break_off(saved.error());
    return {.until = chunk.first};
  }

  // ---- what time brings ---------------------------------------------------------------------------------

  void look_around() {
    if (monotonic_ns() < next_look_ns_ && !over()) return;
    const Duration since_last_look(monotonic_ns() - (next_look_ns_ - longest_wait.count()));
    next_look_ns_ = monotonic_ns() + longest_wait.count();
    if (state_.waiting_points() == 0)
      totals_.idle_tail_s +=
          std::chrono::duration<double>(since_last_look).count() * static_cast<double>(idle_.size());
    const uint64_t elsewhere = is_shared() ? sharing_->done_elsewhere() : 0;
    const Progress progress = counter_.count(state_, pool_, elapsed_s(), elsewhere);
    watcher_.on_progress(progress);
    check_requests();
    check_hold();
    check_deadline();
    check_failures(progress.failed - failed_before_);
    check_timeouts(since_last_look);
    const auto grace = grace_of_points_in_hand();
    if (winding_down_ && grace && Duration(monotonic_ns() - winding_down_since_ns_) >= *grace) cut_short();
  }

  /// Points in hand when too many have failed are not cut short: nobody waits for the end. Before a deadline
  /// they have until then.
  std::optional<Duration> grace_of_points_in_hand() const {
    if (totals_.ending == Ending::too_many_failures) return std::nullopt;
    if (totals_.ending != Ending::deadline) return options_.grace;
    if (outside_.end_by_ns()) return std::nullopt;
    return std::min(options_.grace, options_.grace_before_unknown_end);
  }

  void check_requests() {
    if (outside_.pause_requested()) {
      pool_.suspend();
      outside_.pause();
      pool_.resume();
    }
    const int requests = outside_.stop_requests();
    if (requests == 0) return;
    if (!stop_noted_) {
      stop_noted_ = true;
      end_early(Ending::stopped);
      watcher_.on_notice(requests > 1 ? "stopping at once"
                                      : "stopping: points in hand may end; interrupt again to stop at once");
    }
    if (requests > 1) cut_short();
  }

  void check_hold() {
    constexpr int64_t interval_ns = 500'000'000;
    if (monotonic_ns() < next_hold_ns_) return;
    next_hold_ns_ = monotonic_ns() + interval_ns;
    if (!outside_.hold_directory()) return be_taken_over();
    if (sharing_ != nullptr && !sharing_->is_shared() && !winding_down_ && sharing_->is_asked()) share();
  }

  void be_taken_over() {
    totals_.ending = Ending::taken_over;
    cut_short();
  }

  // ---- sharing the sweep with other runs ------------------------------------------------------------------

  void share() {
    const auto ours = sharing_->open(state_.running_chunks());
    if (!ours) return watcher_.on_notice("another run cannot take part: " + ours.error().text());
    state_.apply(Shared{*ours});
    pool_.end_chunks(lease_);  // they were made for a run that is alone
    watcher_.on_notice("another run takes part in the sweep from here on");
  }

  /// All but the lowest points, of which there are to be at least so many.
  void give_back(uint64_t wanted) {
    constexpr int64_t again_after_ns = 1'000'000'000;
    if (monotonic_ns() < next_give_back_ns_) return;
    next_give_back_ns_ = monotonic_ns() + again_after_ns;
    std::vector<Chunk> spare, needed = state_.running_chunks();
    uint64_t stays = 0;
    for (const auto& [first, range] : state_.waiting()) {
      const bool is_needed = stays < wanted || range.careful;
      (is_needed ? needed : spare).push_back(range.chunk);
      if (is_needed) stays += state_.kept().missing_in(range.chunk);
    }
    sharing_->give_back(spare, needed);
    state_.apply(Shared{sharing_->own_ranges()});
  }

  /// As many points as keep the workers busy; less often than they run out of them. Who has far more, as the
  /// one that was alone before may, gives some back.
  void claim() {
    const uint64_t waiting = state_.waiting_points(), share = sharing_->fair_share(waiting);
    const uint64_t wanted = points_wanted(dealing_, share, point_seconds());
    dealing_.more = share - std::min(share, waiting);
    if (waiting > 2 * wanted && measured_points_ > 0) return give_back(wanted);
    if (!state_.is_idle())
      idle_since_ns_.reset();
    else if (!idle_since_ns_)
      idle_since_ns_ = monotonic_ns();
    const bool is_new_idle = idle_since_ns_ && rest_ == Claiming::Rest::unknown;
    if (waiting >= divided_up(wanted, 2)) return;
    if (monotonic_ns() < next_claim_ns_ && !is_new_idle) return;
    constexpr int64_t after_nothing_ns = 1'000'000'000;
    const auto claiming = sharing_->claim(wanted - waiting);
    if (!claiming) return break_off(claiming.error());
    for (const Claimed& claimed : claiming->claimed) state_.apply(claimed);
    rest_ = claiming->claimed.empty() ? claiming->rest : Claiming::Rest::unknown;
    if (claiming->claimed.empty()) next_claim_ns_ = monotonic_ns() + after_nothing_ns;
    if (!idle_since_ns_ || rest_ != Claiming::Rest::others) return;
    if (monotonic_ns() - *idle_since_ns_ < options_.stay_before_leaving.count()) {
      rest_ = Claiming::Rest::unknown;
      return;
    }
    totals_.ending = Ending::left_to_others;
    totals_.others = claiming->others;
  }

  void check_deadline() {
    if (outside_.time_is_nearly_over()) end_in_time();
    end_is_in_doubt_ = false;
    const auto end_by_ns = outside_.end_by_ns();
    if (!end_by_ns) return;
    const int64_t left_ns = *end_by_ns - monotonic_ns();
    if (left_ns > time_of_one_more().count()) return;
    end_is_in_doubt_ = left_ns > 0 && !winding_down_ && !outside_.is_end_certain();
    if (end_is_in_doubt_) return;
    end_in_time();
    if (left_ns <= 0) cut_short();
  }

  void end_in_time() {
    if (winding_down_) return;
    end_early(Ending::deadline);
    watcher_.on_notice("the time limit is near: no more points begin, those in hand may end");
  }

  /// How long one more point may take: as long as nearly all so far, those in hand counted as far as they
  /// have come.
  Duration time_of_one_more() const {
    constexpr double nearly_all = 0.99;
    if (times_.count() == 0 && sweep_.limits.timeout) return *sweep_.limits.timeout;
    PointTimes times = times_;
    for (WorkerId worker; worker.number < pool_.size(); ++worker.number)
      if (const WorkerProgress progress = pool_.progress(worker); progress.in_hand)
        times.add(progress.in_hand_for);
    return times.quantile(nearly_all).value_or(Duration{});
  }

  void check_failures(uint64_t failed) {
    if (winding_down_ || failed == 0) return;
    const OnFailure& limit = sweep_.on_failure;
    const bool too_many =
        (limit.stop_after && failed >= *limit.stop_after) ||
        (limit.stop_fraction &&
         static_cast<double>(failed) >= *limit.stop_fraction * static_cast<double>(state_.points()));
    if (!too_many) return;
    end_early(Ending::too_many_failures);
  }

  /// Workers watch the time of the programs they start; a kernel runs in the worker, which has to be ended
  /// with it.
  void check_timeouts(Duration since_last_look) {
    if (!sweep_.limits.timeout || workers_watch_time_) return;
    for (WorkerId worker; worker.number < pool_.size(); ++worker.number) {
      const Duration active = watch_.look(worker, pool_.progress(worker), since_last_look);
      if (active < *sweep_.limits.timeout || !state_.running(worker)) continue;
      if (timed_out_.insert(worker).second) pool_.kill(worker);
    }
  }

  /// No more points are dealt; those in hand may end. The first reason counts.
  void end_early(Ending ending) {
    if (winding_down_) return;
    totals_.ending = ending;
    winding_down_ = true;
    winding_down_since_ns_ = monotonic_ns();
    if (is_shared()) sharing_->end_soon();
    pool_.wind_down();
  }

  /// The points in hand are given up; what is in their part files is salvaged by the next run.
  void cut_short() { cut_short_ = true; }

  void break_off(Error error) {
    if (!totals_.error) totals_.error = std::move(error);
    totals_.ending = Ending::broken;
    end_early(Ending::broken);
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
      condemn(index, {ErrorKind::lost, message, {}, {}}, state_.waiting().at(index).attempts + 1,
              last_death_.worker);
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
    run.worker = worker.number;
    const std::string mark = sweep_mark(sweep_.fingerprint());
    run.sweep = mark;
    run.code = options_.code;
    if (failure.kind == ErrorKind::timeout)
      run.elapsed_s = std::chrono::duration<double>(*sweep_.limits.timeout).count();
    run.started_us = nanoseconds(CLOCK_REALTIME) / 1000;
    append_run(line, 0, run);
    if (auto committed = store_.commit_record(index, line); !committed) return break_off(committed.error());
    state_.apply(Condemned{index});
    count({index, index + 1});
  }

  const Sweep& sweep_;
  SweepState& state_;
  WorkerPool& pool_;
  const ChunkStore& store_;
  Outside& outside_;
  ProgressWatcher& watcher_;
  const RunOptions& options_;
  Sharing* const sharing_;
  Dealing dealing_;
  const uint64_t failed_before_;
  const bool workers_watch_time_;
  const int64_t began_ns_;
  RunTotals totals_;
  ProgressCounter counter_;
  std::set<WorkerId> idle_;
  std::set<WorkerId> timed_out_;
  PointWatch watch_;
  PointTimes times_;
  uint64_t lease_ = 0;
  uint64_t measured_points_ = 0;
  uint32_t gone_workers_ = 0;
  WorkerEvent last_death_{};
  int64_t winding_down_since_ns_ = 0;
  int64_t next_look_ns_ = monotonic_ns();
  int64_t next_hold_ns_ = monotonic_ns();
  int64_t next_claim_ns_ = 0;
  std::optional<int64_t> idle_since_ns_;  // nothing waits and nothing runs
  int64_t next_give_back_ns_ = 0;
  Claiming::Rest rest_ = Claiming::Rest::unknown;  // since the last point of ours was recorded
  bool stop_noted_ = false;
  bool winding_down_ = false;
  bool end_is_in_doubt_ = false;  // until it is known, no point begins
  bool cut_short_ = false;
};

}  // namespace

RunTotals run_sweep(const Sweep& sweep, SweepState& state, WorkerPool& pool, const ChunkStore& store,
                    Outside& outside, ProgressWatcher& watcher, const RunOptions& options) {
  return Run(sweep, state, pool, store, outside, watcher, options).run();
}

}  // namespace sweepd
