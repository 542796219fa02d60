#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "runner/cli/command_arguments.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/progress_view.h"
#include "runner/cli/request_sweep.h"
#include "runner/cli/requests.h"
#include "runner/cli/run_report.h"
#include "runner/core/record.h"
#include "runner/engine/chunk_store.h"
#include "runner/engine/directory_lock.h"
#include "runner/engine/merge_directory.h"
#include "runner/engine/run_sweep.h"
#include "runner/engine/sweep_directory.h"
#include "runner/platform/atomic_file.h"
#include "runner/platform/clock.h"
#include "runner/platform/process_identity.h"
#include "runner/platform/stop_signals.h"
#include "workers/start/local_pool.h"

namespace sweepd {
namespace {

class SignalRequests : public StopRequests {
 public:
  int count() const override { return signals_.count(); }

 private:
  StopSignals signals_;
};

std::string timestamp() {
  std::string text;
  append_timestamp(text, nanoseconds(CLOCK_REALTIME) / 1000);
  return text;
}

Session new_session(const Crew& crew) {
  Session session{.started = timestamp(),
                  .host = host_name(),
                  .start_method = name_of(crew.method),
                  .workers = static_cast<uint32_t>(crew.posts.size())};
  if (const char* job = std::getenv("SLURM_JOB_ID")) session.slurm_job = job;
  for (const Post& post : crew.posts) session.cpus.push_back(post.context.cpus);
  return session;
}

void close_session(Session& session, const RunTotals& totals) {
  session.ended = timestamp();
  session.points = totals.points;
  session.failed = totals.failed;
  session.retries = totals.retries;
  session.worker_deaths = totals.worker_deaths;
  session.elapsed_s = totals.elapsed_s;
  session.cpu_s = totals.cpu_s;
  session.busy_s = totals.busy_s;
  session.max_rss_mib = totals.max_rss_mib;
}

/// One `sweepd run`, from the loaded sweep to the exit status.
class SweepRun {
 public:
  SweepRun(const RunRequest& request, const Sweep& sweep, const Crew& crew)
      : request_(request),
        sweep_(sweep),
        crew_(crew),
        directory_(sweep_directory_path(sweep, request)),
        store_(directory_.chunks()) {}

  int run() {
    if (const auto opened = open_directory(); !opened) return give_up(opened.error(), wrong_request);
    if (request_.retry_failed)
      if (const auto forgotten = forget_failed(); !forgotten)
        return give_up(forgotten.error(), system_failure);
    if (manifest_.complete) return show_finished();
    const auto repaired = store_.repair();
    if (!repaired) return give_up(repaired.error(), system_failure);
    for (const std::string& notice : *repaired) report_warning(notice);
    const auto committed = store_.recover();
    if (!committed) return give_up(committed.error(), system_failure);
    std::vector<Chunk> done;
    for (const ChunkFile& file : *committed) done.push_back(file.range);
    SweepState state(sweep_.size(), done);
    const auto totals = state.all_done() ? Result<RunTotals>(RunTotals{}) : work(state);
    if (!totals) return give_up(totals.error(), system_failure);
    return conclude(*totals);
  }

 private:
  static int give_up(const Error& error, ExitStatus status) {
    report_error(error);
    return status;
  }

  /// Makes the sweep directory or takes up an earlier one of this sweep, and holds it. One that is finished
  /// is only looked at.
  Result<void> open_directory() {
    if (request_.fresh)
      if (auto aside = set_aside(); !aside) return aside;
    auto earlier = take_up_earlier();
    if (!earlier || *earlier) return earlier ? Result<void>{} : tl::unexpected(earlier.error());
    manifest_ = {.name = sweep_.name,
                 .file = absolute_file(),
                 .task_text = sweep_.task_text,
                 .fingerprint = sweep_.fingerprint(),
                 .points = sweep_.size(),
                 .seed = sweep_.seed};
    for (const Column& column : sweep_.space->columns()) manifest_.parameters.emplace_back(column.name);
    const auto created = directory_.create(sweep_);
    return created ? hold() : created;
  }

  Result<void> hold() {
    auto lock = DirectoryLock::take(directory_.path());
    if (!lock) return tl::unexpected(lock.error());
    lock_.emplace(std::move(*lock));
    return {};
  }

  Result<void> set_aside() {
    const auto manifest = directory_.read_manifest();
    if (manifest && *manifest)
      if (auto held = hold(); !held) return held;
    const auto aside = directory_.set_aside();
    lock_.reset();
    if (!aside) return tl::unexpected(aside.error());
    if (*aside) spdlog::info("the earlier sweep directory is now {}", **aside);
    return {};
  }

  /// False where there is no earlier one.
  Result<bool> take_up_earlier() {
    for (const bool holding : {false, true}) {
      auto manifest = directory_.read_manifest();
      if (!manifest) return tl::unexpected(manifest.error());
      if (!*manifest) return false;
      manifest_ = std::move(**manifest);
      if (auto same = check_same_sweep(); !same) return tl::unexpected(same.error());
      if (manifest_.complete && !request_.retry_failed && !file_has_changed()) return true;
      if (holding) break;
      if (auto held = hold(); !held)
        return tl::unexpected(held.error());  // and look again: it may have ended since
    }
    auto taken_up = take_up_changes();
    if (!taken_up) return tl::unexpected(taken_up.error());
    return true;
  }

  Result<void> check_same_sweep() const {
    if (manifest_.fingerprint == sweep_.fingerprint()) return {};
    const char* difference = manifest_.task_text != sweep_.task_text ? "task"
                             : manifest_.seed != sweep_.seed         ? "seed"
                                                                     : "parameters";
    return failure(fmt::format(
        "{} belongs to another sweep (its {} differ{}); choose another folder with --output, or set "
        "it aside with --fresh",
        directory_.path(), difference, std::string_view(difference) == "parameters" ? "" : "s"));
  }

  bool file_has_changed() const {
    const auto earlier = read_file(directory_.file("sweep.yaml"));
    return !earlier || *earlier != sweep_.text;
  }

  /// A file that asks for the same points but differs in what is made of them (reduce, output)
  /// is merged anew.
  Result<void> take_up_changes() {
    if (!file_has_changed()) return {};
    manifest_.complete = false;
    manifest_.name = sweep_.name;
    manifest_.file = absolute_file();
    return directory_.create(sweep_);
  }

  /// What is merged says "complete"; it is made again from the records that are left and those to come.
  Result<void> forget_failed() {
    const auto forgotten = store_.forget_failed();
    if (!forgotten) return tl::unexpected(forgotten.error());
    if (*forgotten == 0) return {};
    manifest_.complete = false;
    unlink(directory_.file("results.json").c_str());
    return directory_.write_manifest(manifest_);
  }

  int show_finished() {
    const auto reduced = read_reduced_rows(directory_.file("results.json"), Merger::rows_kept);
    if (!request_.quiet)
      report_finished_before(sweep_, directory_.path(), {manifest_.ok, manifest_.failed},
                             reduced ? *reduced : ReducedRows{});
    return manifest_.failed == 0 ? every_point_ok : some_points_failed;
  }

  Result<RunTotals> work(SweepState& state) {
    manifest_.version = SWEEPD_VERSION;
    manifest_.sessions.push_back(new_session(crew_));
    if (auto written = directory_.write_manifest(manifest_); !written) return tl::unexpected(written.error());
    if (state.done_points() > 0 && !request_.quiet)
      fmt::print(stderr, "sweepd: carrying on: {} of {} points are done\n", state.done_points(),
                 state.points());
    if (sweep_.limits.memory_bytes)
      spdlog::warn(
          "limits.memory is not enforced by this version; max_rss_mib of each record tells what was used");
    const SignalRequests signals;
    auto pool = LocalPool::start({sweep_, directory_.path(), crew_.method, crew_.posts});
    if (!pool) return tl::unexpected(pool.error());
    ProgressView view(request_.quiet ? ProgressStyle::none : request_.progress,
                      directory_.file("progress.json"), *lock_);
    RunTotals totals = run_sweep(sweep_, state, **pool, store_, signals, view, {.grace = request_.grace});
    return totals;
  }

  int conclude(const RunTotals& totals) {
    if (totals.elapsed_s > 0) close_session(manifest_.sessions.back(), totals);
    const auto committed = store_.recover();
    if (!committed) return give_up(committed.error(), system_failure);
    const auto outcome = merge_directory(sweep_, directory_, *committed, manifest_);
    if (totals.error) report_error(*totals.error);
    if (!outcome) return give_up(outcome.error(), system_failure);
    for (const std::string& warning : outcome->warnings) report_warning(warning);
    if (totals.non_finite > 0)
      report_warning(fmt::format(
          "the results of {} points have a NaN or an infinity; these stand in results.json as the "
          "strings \"NaN\", \"Infinity\" and \"-Infinity\"",
          totals.non_finite));
    if (!request_.quiet) report_run(sweep_, directory_.path(), totals, *outcome, carry_on_line());
    if (totals.ending == Ending::broken) return stopped_before_end;
    if (!outcome->complete) return stopped_before_end;
    return outcome->counts.failed == 0 ? every_point_ok : some_points_failed;
  }

  /// The sweep file's path as any other folder can name it.
  std::string absolute_file() const {
    return std::filesystem::absolute(sweep_.file).lexically_normal().string();
  }

  std::string carry_on_line() const {
    return command_line_text({"sweepd", "run", request_.file}) +
           (request_.output.empty() ? "" : " -o " + command_line_text({request_.output}));
  }

  const RunRequest& request_;
  const Sweep& sweep_;
  const Crew& crew_;
  SweepDirectory directory_;
  ChunkStore store_;
  Manifest manifest_;
  std::optional<DirectoryLock> lock_;
};

}  // namespace

int run_command(const RunRequest& request) {
  if (const auto opened = open_log(request.quiet, request.verbose, request.log_file); !opened) {
    report_error(opened.error());
    return wrong_request;
  }
  const auto job = prepare_job(request);
  return job ? SweepRun(request, job->sweep, job->crew).run() : wrong_request;
}

}  // namespace sweepd
