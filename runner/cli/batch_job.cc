#include "runner/cli/batch_job.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "runner/cli/messages.h"
#include "runner/platform/clock.h"
#include "slurm/command_environment.h"
#include "slurm/deadline.h"
#include "slurm/progress_comment.h"

namespace sweepd {
namespace {

// The name Slurm gives to its copy of a batch script, in a folder of its own on each node.
constexpr const char* spooled_name = "slurm_script";

// A margin that leaves nothing of a short job's time would be no margin.
constexpr int64_t least_share_of_margin = 4;

bool is_file(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

}  // namespace

BatchJob::BatchJob(Allocation allocation)
    : allocation_(std::move(allocation)), controller_(current_environment()) {}

Result<std::unique_ptr<BatchJob>> BatchJob::find() {
  if (std::getenv("SLURM_JOB_ID") == nullptr) return nullptr;
  auto allocation = read_allocation(std::getenv, enclosing_step());
  if (!allocation) return tl::unexpected(allocation.error());
  if (!*allocation || (*allocation)->place == Place::shell) return nullptr;
  std::unique_ptr<BatchJob> job(new BatchJob(std::move(**allocation)));
  // One for the whole job: a thousand ranks would be a thousand calls.
  if (job->allocation_.step && job->allocation_.step->rank > 0) return job;
  auto record = job->controller_.show_job(job->allocation_.job, job->allocation_.array);
  if (record)
    job->record_ = std::move(*record);
  else
    report_warning("Slurm was asked about this job in vain, so its time limit is " +
                   std::string(job->allocation_.end_time ? "as it was at the start" : "not known") + ": " +
                   record.error().text());
  return job;
}

std::optional<std::string> BatchJob::submitted_file(const std::string& file) const {
  if (std::filesystem::path(file).filename() != spooled_name || !record_) return std::nullopt;
  const auto command = split_command(record_->command, is_file);
  if (!command) return std::nullopt;
  return command->first;
}

std::optional<int64_t> BatchJob::end_by_ns(Duration margin) const {
  const auto end_s = deadline(allocation_, record_);
  if (!end_s) return std::nullopt;
  constexpr int64_t billion = 1'000'000'000;
  const int64_t left_ns = *end_s * billion - nanoseconds(CLOCK_REALTIME);
  return monotonic_ns() + left_ns - std::min(margin.count(), left_ns / least_share_of_margin);
}

void BatchJob::show(const Progress& progress) {
  if (comment_) {
    const auto outcome = comment_->poll();
    if (!outcome) return;
    comment_.reset();
    if (!*outcome) comments_work_ = false;  // not worth a word: squeue just does not show it
  }
  if (!comments_work_ || !record_ || !comments_.take(progress.elapsed_s)) return;
  const CommentFigures figures{progress.done, progress.total, progress.failed, progress.eta_s};
  auto call = controller_.start_comment(*record_, progress_comment(figures));
  if (call)
    comment_.emplace(std::move(*call));
  else
    comments_work_ = false;
}

Result<void> BatchJob::go_on(Continue how, const std::string& file) {
  if (how == Continue::none || !record_) return {};
  if (how == Continue::requeue) {
    const auto requeued = controller_.requeue(*record_);
    if (requeued) fmt::print(stderr, "sweepd: the job is back in the queue and carries on from there\n");
    return requeued;
  }
  const auto submission = controller_.resubmit({file}, *record_, same_request(*record_));
  if (!submission) return tl::unexpected(submission.error());
  fmt::print(stderr, "{}sweepd: job {} carries on when this one has ended\n", submission->messages,
             submission->job);
  return {};
}

}  // namespace sweepd
