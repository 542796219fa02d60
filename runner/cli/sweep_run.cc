#include "runner/cli/sweep_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "runner/cli/command_line_text.h"
#include "runner/cli/earlier_code.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/job_usage.h"
#include "runner/cli/messages.h"
#include "runner/cli/next_start.h"
#include "runner/cli/progress_view.h"
#include "runner/cli/repeated_command.h"
#include "runner/cli/run_report.h"
#include "runner/cli/run_session.h"
#include "runner/cli/shared_end.h"
#include "runner/cli/surroundings.h"
#include "runner/cli/terminal.h"
#include "runner/engine/code_files.h"
#include "runner/engine/merge_directory.h"
#include "runner/platform/clock.h"
#include "runner/platform/process_identity.h"
#include "workers/start/local_pool.h"

namespace sweepd {
namespace {

/// One `sweepd run` in a directory it holds or shares, to the exit status.
class SweepRun {
 public:
  SweepRun(const RunRequest& request, const Job& job, TakenDirectory& taken, ChunkStore& store,
           BatchJob* batch, LaunchedRanks* ranks, StopSignals& signals)
      : request_(request),
        sweep_(job.sweep),
        crew_(job.crew),
        directory_(taken.directory),
        manifest_(taken.manifest),
        taken_(taken),
        code_(taken.manifest.code),
        store_(store),
        batch_(batch),
        ranks_(ranks),
        sharing_(directory_, store_, Blocks::of(sweep_.size(), sweep_.chunks.size), taken.lock, taken.claims),
        surroundings_(signals, sharing_, batch) {}

  int run() {
    // Others that are at work have repaired it before, and write to it.
    const auto committed = is_shared() ? store_.list_committed() : recover_and_report(store_);
    if (!committed) return give_up(committed.error());
    SweepState state(sweep_.size(), committed->ranges(), committed->kept);
    if (const auto counted = say_earlier_code(*committed); !counted) return give_up(counted.error());
    for (;;) {
      const auto totals = state.all_done() ? Result<RunTotals>(RunTotals{}) : work(state);
      if (!totals) return give_up(totals.error());
      if (!is_shared()) return conclude(*totals);
      if (const auto status = conclude_shared(*totals)) return *status;
    }
  }

 private:
  /// What was finished is kept, so the same command carries on once the cause is gone.
  int give_up(const Error& error) const {
    if (!directory_.staging().renew()) return stop_taken_over();
    report_error(error);
    if (ranks_ != nullptr && ranks_->refused()) return wrong_request;
    if (!error.is_shortage) return system_failure;
    report_carry_on(carry_on_line());
    return stopped_before_end;
  }

  bool is_shared() const { return taken_.claims.has_value(); }

  /// Its points are not run again; who did not expect that can stop the run here.
  Result<void> say_earlier_code(const ChunkFolder& committed) {
    const auto earlier = [this] { return earlier_code(manifest_.codes, taken_.code_files); };
    if (request_.quiet || committed.points() >= sweep_.size() || !earlier().has_any()) return {};
    if (auto counted = count_points(committed, manifest_.codes); !counted) return counted;
    report_earlier_code(earlier(), rerun_changed_runs_them);
    has_said_earlier_ = earlier().points > 0;
    return {};
  }

  /// Also where somebody has edited it while it ran.
  void say_code_at_end() const {
    const EarlierCode earlier = earlier_code_in(directory_, manifest_, sweep_.directory);
    report_earlier_code(earlier, rerun_changed_runs_them);
    if (request_.rerun_changed && waiting_points_ == 0 && earlier.points == 0)
      tell("sweepd: no point comes from earlier code\n");
  }

  Result<RunTotals> work(SweepState& state) {
    if (state.done_points() > 0 && !request_.quiet)
      tell("sweepd: carrying on: {} of {} points are done\n", state.done_points(), state.points());
    const auto pool = start_pool(state.kept());
    if (!pool) return tl::unexpected(pool.error());
    if (auto opened = open_session(); !opened) return tl::unexpected(opened.error());
    ProgressView view(request_.quiet ? ProgressStyle::none : request_.progress, directory_, batch_);
    waiting_points_ = state.waiting_points();
    if (batch_) batch_->keep_free(sweep_.slurm.margin);
    if (batch_ && !sweep_.slurm.comment) batch_->leave_comment_alone();
    return run_sweep(sweep_, state, **pool, store_, surroundings_, view,
                     {.grace = request_.grace, .code = code_});
  }

  Result<std::unique_ptr<WorkerPool>> start_pool(const KeptPoints& kept) const {
    const Staffing staffing{
        sweep_, directory_.path(), directory_.staging().path(), crew_.method, crew_.posts, kept, code_};
    if (ranks_ != nullptr) return ranks_->start_pool(staffing, request_.heartbeat);
    return LocalPool::start(staffing);
  }

  Result<void> open_session() {
    if (session_) return {};
    const std::vector<RankCrew> alone = {{host_name(), cpus_of(crew_.posts)}};
    session_ = new_session(crew_.method, ranks_ != nullptr ? ranks_->crews() : alone);
    // A rank may be without workers.
    const WorkerShare share = crew_.posts.empty() ? WorkerShare{} : crew_.posts.front().context.share;
    if (const auto bytes = memory_limit(sweep_.limits, share))
      session_->memory_limit_mib = static_cast<double>(*bytes) / (uint64_t{1} << 20);
    manifest_.version = SWEEPD_VERSION;
    return add_session(taken_, *session_);
  }

  void end_session(const RunTotals& totals) {
    if (!session_) return;
    close_session(*session_, totals);
    // Of a shared sweep, what this run had to do is what it did.
    const uint64_t asked = is_shared() ? totals.points : waiting_points_;
    if (batch_) session_->job = job_usage(*batch_, crew_, sweep_.workers, totals, asked);
  }

  int stop_taken_over() const {
    report_error(taken_over(directory_.path()));
    return stopped_before_end;
  }

  /// None where this run is to go on, since the others have ended and left points.
  std::optional<int> conclude_shared(const RunTotals& totals) {
    if (totals.ending == Ending::taken_over) return stop_taken_over();
    if (totals.error) report_error(*totals.error);
    end_session(totals);
    // Ranks are started once.
    const bool has_more = totals.ending == Ending::left_to_others && ranks_ == nullptr;
    const auto end = end_shared(sweep_, taken_, store_, session_, has_more, [this] { return may_wait(); });
    if (!end) return give_up(end.error());
    if (end->was_taken_over) return stop_taken_over();
    if (end->carry_on) return std::nullopt;
    if (end->outcome) return conclude_merged(totals, *end->outcome);
    if (!request_.quiet) report_left(sweep_, totals);
    report_job();
    if (totals.ending == Ending::left_to_others)
      return !session_ || session_->failed == 0 ? every_point_ok : some_points_failed;
    return go_on(totals);
  }

  /// For the lock, while another run merges; not for long where this one has to end.
  bool may_wait() {
    constexpr int64_t patience_ns = 5'000'000'000;
    const int64_t now_ns = monotonic_ns();
    const auto end_by_ns = surroundings_.end_by_ns();
    const bool is_urgent = surroundings_.stop_requests() > 1 || (end_by_ns && now_ns > *end_by_ns);
    if (is_urgent && !urgent_since_ns_) urgent_since_ns_ = now_ns;
    const bool has_time = !urgent_since_ns_ || now_ns - *urgent_since_ns_ < patience_ns;
    return has_time && surroundings_.hold_directory();
  }

  int conclude(RunTotals totals) {
    if (totals.ending == Ending::taken_over) return stop_taken_over();
    if (totals.error) report_error(*totals.error);
    const auto outcome = merge(totals);
    if (!outcome && totals.ending == Ending::complete) return give_up(outcome.error());
    SweepSharing::clear(directory_);
    // Whoever was taken over finds its lock gone: the results there are the other's.
    if (!taken_.lock->release()) return stop_taken_over();
    if (!outcome) {
      report_warning("what there is could not be merged: " + outcome.error().text());
      report_carry_on(carry_on_line());
      return stopped_before_end;
    }
    return conclude_merged(totals, *outcome);
  }

  int conclude_merged(const RunTotals& totals, const MergeOutcome& outcome) const {
    report(totals, outcome);
    if (!outcome.complete) return go_on(totals);
    return outcome.counts.failed == 0 ? every_point_ok : some_points_failed;
  }

  /// In a job that ran out of time: what the sweep file wants next.
  int go_on(const RunTotals& totals) const {
    if (batch_ == nullptr || totals.ending != Ending::deadline) return stopped_before_end;
    if (totals.points == 0) {
      report_error(Error{
          "no point ended in the whole time of this job, so it does not go on by itself; ask for more time "
          "(#SBATCH --time), or set limits: {timeout: …} to what a point may take",
          {}});
      return stopped_before_end;
    }
    const auto gone = start_next(*batch_, sweep_.slurm.on_deadline, request_,
                                 [this] { return surroundings_.terminations(); });
    if (!gone) report_warning("the job does not go on by itself: " + gone.error().text());
    return stopped_before_end;
  }

  /// What workers had written when they were stopped at once counts as well.
  Result<MergeOutcome> merge(RunTotals& totals) {
    const auto committed = store_.recover();
    if (committed) {
      const SweepState now(sweep_.size(), committed->ranges(), committed->kept);
      totals.points = waiting_points_ - std::min(waiting_points_, now.waiting_points());
    }
    end_session(totals);
    if (session_) put_session(manifest_, *session_);
    if (!committed) return tl::unexpected(committed.error());
    return merge_directory(sweep_, directory_, *committed, manifest_, [this] { sharing_.hold(); });
  }

  void report(const RunTotals& totals, const MergeOutcome& outcome) const {
    for (const std::string& warning : outcome.warnings) report_warning(warning);
    if (totals.non_finite > 0)
      report_warning(fmt::format(
          "{} a NaN or an infinity; these stand in results.json as the strings \"NaN\", \"Infinity\" and "
          "\"-Infinity\"",
          totals.non_finite == 1 ? "the result of 1 point has"
                                 : "the results of " + with_commas(totals.non_finite) + " points have"));
    if (!request_.quiet) report_run(sweep_, directory_.path(), totals, outcome);
    if (!request_.quiet && !has_said_earlier_) say_code_at_end();
    if (!outcome.complete && !request_.quiet) report_carry_on(carry_on_line());
    report_job();
  }

  void report_job() const {
    if (session_ && session_->job && !request_.quiet) report_usage(*session_->job);
    std::fflush(stdout);  // a batch system may not leave the time to do it at the end
  }

  std::string carry_on_line() const { return command_line_text(carry_on_words(request_)); }

  const RunRequest& request_;
  const Sweep& sweep_;
  const Crew& crew_;
  const SweepDirectory& directory_;
  Manifest& manifest_;
  TakenDirectory& taken_;
  bool has_said_earlier_ = false;
  const uint32_t code_;  // what the manifest says becomes that of runs that share the sweep
  ChunkStore& store_;
  BatchJob* batch_;
  LaunchedRanks* ranks_;
  uint64_t waiting_points_ = 0;     // when this run began
  std::optional<Session> session_;  // once workers are there
  SweepSharing sharing_;
  std::optional<int64_t> urgent_since_ns_;
  Surroundings surroundings_;
};

}  // namespace

int finish_sweep(const RunRequest& request, const Job& job, TakenDirectory& taken, ChunkStore& store,
                 BatchJob* batch, LaunchedRanks* ranks, StopSignals& signals) {
  return SweepRun(request, job, taken, store, batch, ranks, signals).run();
}

}  // namespace sweepd
