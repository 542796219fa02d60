#include "runner/cli/launched_run.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "runner/cli/command_line_text.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/next_start.h"
#include "runner/cli/rank_launcher.h"
#include "runner/cli/repeated_command.h"
#include "runner/cli/request_sweep.h"
#include "runner/cli/run_report.h"
#include "slurm/node_list.h"

namespace sweepd {
namespace {

std::string nodes_text(const Allocation& allocation) {
  std::vector<std::string> names;
  for (const GrantedNode& node : allocation.nodes) names.push_back(node.name);
  return node_list_text(names);
}

/// A shell of salloc, or one that has outlived its job: only in the first is there anything to start on.
Result<void> check_shell(const BatchJob& batch, const RankStart& start) {
  const Allocation& allocation = batch.allocation();
  const std::string job = std::to_string(allocation.job);
  if (!batch.record())
    return failure("this shell has job " + job + " (SLURM_JOB_ID), whose nodes are " +
                   nodes_text(allocation) +
                   "; whether it is running cannot be found out, so nothing is computed. If it is, type: " +
                   command_line_text(start.words) + "; else: unset SLURM_JOB_ID");
  const std::string& state = batch.record()->state;
  if (state == "RUNNING") return {};
  return failure("this shell has job " + job + " (SLURM_JOB_ID), which is not running (" + state +
                 "); to compute on this machine: unset SLURM_JOB_ID");
}

/// What the workers have written: what a run that is lost leaves grows it, if it did anything.
uint64_t bytes_written(const std::string& sweep_directory) {
  uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator file(sweep_directory + "/chunks", error), end;
       !error && file != end; file.increment(error)) {
    std::error_code gone;
    const uint64_t size = file->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

int go_on(BatchJob& batch, Continue how, const RunRequest& request, bool any_done) {
  report_carry_on(command_line_text(carry_on_words(request)));
  if (how == Continue::none) return stopped_before_end;
  const auto gone = any_done ? start_next(batch, how, request, [] { return 0; })
                             : failure("the run was lost before any point had ended");
  if (!gone) report_warning("the job does not go on by itself: " + gone.error().text());
  return stopped_before_end;
}

}  // namespace

int run_by_ranks(BatchJob& batch, Sweep sweep, const RunRequest& request) {
  const Allocation& allocation = batch.allocation();
  const auto start = plan_launch(allocation, sweep, request);
  const auto checked =
      !start || allocation.place != Place::shell ? Result<void>{} : check_shell(batch, *start);
  if (!start || !checked) {
    report_error(start ? checked.error() : start.error());
    return wrong_request;
  }
  const std::string directory = sweep_directory_path(sweep, request);
  const Continue how = sweep.slurm.on_deadline;
  sweep = {};  // it may be large, and this process only waits from here on
  if (allocation.place == Place::shell && !request.quiet)
    tell("sweepd: running on the nodes of job {} ({}), by {}\n", allocation.job, nodes_text(allocation),
         start->words.front());
  const uint64_t before = bytes_written(directory);
  const auto end = launch(*start);
  if (!end) {
    report_error(
        Error{end.error().text() + "; on the job's nodes, type: " + command_line_text(start->words), {}});
    return end.error().is_shortage ? stopped_before_end : wrong_request;
  }
  if (end->status <= system_failure) return end->status;
  if (end->terminated) return stopped_before_end;
  if (end->status != coordinator_lost)
    report_error(
        Error{fmt::format("{} ended with exit status {} and no word of the run that it started; what has a "
                          "record is kept",
                          start->words.front(), end->status),
              {}});
  return go_on(batch, how, request, bytes_written(directory) > before);
}

}  // namespace sweepd
