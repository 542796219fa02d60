#include <signal.h>

#include <cstdlib>
#include <string_view>

#include "runner/cli/batch_job.h"
#include "runner/cli/earlier_code.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/launched_ranks.h"
#include "runner/cli/launched_run.h"
#include "runner/cli/messages.h"
#include "runner/cli/rank_command.h"
#include "runner/cli/rank_launcher.h"
#include "runner/cli/request_sweep.h"
#include "runner/cli/requests.h"
#include "runner/cli/run_report.h"
#include "runner/cli/sweep_run.h"
#include "runner/cli/taken_directory.h"

namespace sweepd {
namespace {

int show_finished(const Sweep& sweep, const TakenDirectory& taken, bool quiet) {
  const MergeCounts counts{taken.manifest.ok, taken.manifest.failed};
  const auto reduced = read_reduced_rows(taken.directory.file("results.json"), Merger::rows_kept);
  if (!quiet) {
    report_finished_before(sweep, taken.directory.path(), counts, reduced ? *reduced : ReducedRows{});
    report_earlier_code(earlier_code(taken.manifest.codes, taken.code_files), rerun_changed_runs_them);
  }
  return counts.failed == 0 ? every_point_ok : some_points_failed;
}

int give_up(const Error& error, ExitStatus status) {
  report_error(error);
  return error.is_shortage ? stopped_before_end : status;
}

/// The request as the job means it: for the file that was submitted, shared with other jobs, and a start anew
/// only once.
Result<RunRequest> in_job(const RunRequest& given, const BatchJob& batch) {
  RunRequest request = given;
  request.join = true;
  auto submitted = batch.submitted_file(given.file);
  if (!submitted) return tl::unexpected(submitted.error());
  if (*submitted) {
    request.copy = given.file;
    request.file = std::move(**submitted);
  }
  request.fresh = given.fresh && !batch.is_restart();
  request.retry_failed = given.retry_failed && !batch.is_restart();
  request.rerun_changed = given.rerun_changed && !batch.is_restart();
  return request;
}

/// A step of one component may be one of several that somebody started.
void say_what_is_unused(const Allocation& allocation) {
  if (allocation.components < 2 || allocation.place == Place::step) return;
  report_warning(
      "only the first of the " + std::to_string(allocation.components) +
      " components of this heterogeneous job is used; submit the sweep file once for each (its jobs share "
      "the work), or ask for nodes of one kind");
}

int run_sweep_file(const RunRequest& given, LaunchedRanks* ranks) {
  if (const auto opened = open_log(given.quiet, given.verbose, given.log_file); !opened) {
    report_error(opened.error());
    return wrong_request;
  }
  // A file that may not grow any more (ulimit -f) is an error of write(2), not a reason to die.
  signal(SIGXFSZ, SIG_IGN);
  const auto batch = BatchJob::find();
  if (!batch) return give_up(batch.error(), wrong_request);
  const auto wanted = *batch ? in_job(given, **batch) : Result<RunRequest>(given);
  if (!wanted) return give_up(wanted.error(), wrong_request);
  const RunRequest& request = *wanted;
  auto sweep = prepare_sweep(request);
  if (*batch) say_what_is_unused((*batch)->allocation());
  if (sweep && *batch && launches_ranks((*batch)->allocation(), *sweep))
    return run_by_ranks(**batch, std::move(*sweep), request);
  const auto job = prepare_job(std::move(sweep), ranks, request.quiet);
  if (!job) return wrong_request;
  // From here to the end, so that who asks twice does not cut the merge short.
  StopSignals signals;
  auto taken = take_directory(job->sweep, request, signals);
  if (!taken) return give_up(taken.error(), wrong_request);
  if (taken->finished()) return show_finished(job->sweep, *taken, request.quiet);
  auto store = ChunkStore::open(taken->directory, RecordOrigin(job->sweep));
  if (!store) return give_up(store.error(), system_failure);
  return finish_sweep(request, *job, *taken, *store, batch->get(), ranks, signals);
}

/// Each of srun's tasks finds the same; one says it.
int refuse_launch(const Error& error) {
  const char* const rank = std::getenv("SLURM_PROCID");
  if (rank == nullptr || std::string_view(rank) == "0") report_error(error);
  return wrong_request;
}

}  // namespace

int run_command(const RunRequest& given) {
  end_on_stop_signals(stopped_before_end);
  const auto launch = this_launch();
  if (!launch) return refuse_launch(launch.error());
  std::optional<LaunchedRanks> ranks;
  if (*launch) {
    auto socket = split_off_agent(**launch);
    if (!socket) return give_up(socket.error(), system_failure);
    if ((*launch)->rank != 0) return rank_command(std::move(*socket), **launch, given);
    ranks.emplace(std::move(*socket), **launch);
  }
  return run_sweep_file(given, ranks ? &*ranks : nullptr);
}

}  // namespace sweepd
