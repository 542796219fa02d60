#include "runner/cli/batch_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <sstream>

#include "configs/text_file.h"
#include "runner/cli/messages.h"
#include "runner/platform/clock.h"
#include "runner/platform/trusted_file.h"
#include "slurm/command_environment.h"
#include "slurm/deadline.h"
#include "slurm/progress_comment.h"

namespace sweepd {
namespace {

// The name Slurm gives to its copy of a batch script, in a folder of its own on each node.
constexpr const char* spooled_name = "slurm_script";

constexpr int64_t billion = 1'000'000'000;

// A margin that leaves nothing of a short job's time would be no margin.
constexpr int64_t least_share_of_margin = 4;

bool is_file(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

std::string why_no_file(const std::string& command) {
  const auto there = is_there(command);
  return there ? "which is no file here" : "which " + there.error().message;
}

bool have_same_text(const std::string& one, const std::string& other) {
  std::error_code error;
  const auto path = std::filesystem::canonical(other, error);
  if (error || !is_file(other)) return false;
  const auto first = read_text_file(one, sweep_file_limit);
  const auto second = read_text_file(path.string(), sweep_file_limit);
  return first && second && *first == *second;
}

/// A batch script and its arguments, which scontrol shows parted by blanks.
std::vector<std::string> words_of(const std::string& command) {
  const auto parts = split_command(command, is_file);
  if (!parts) return {};
  std::vector<std::string> words = {parts->first};
  std::istringstream rest(parts->second);
  std::copy(std::istream_iterator<std::string>(rest), {}, std::back_inserter(words));
  return words;
}

}  // namespace

BatchJob::BatchJob(Allocation allocation)
    : allocation_(std::move(allocation)), controller_(current_environment()) {}

Result<std::unique_ptr<BatchJob>> BatchJob::find() {
  auto allocation = find_allocation();
  if (!allocation) return tl::unexpected(allocation.error());
  if (!*allocation) return nullptr;
  std::unique_ptr<BatchJob> job(new BatchJob(std::move(**allocation)));
  // One for the whole job: a thousand ranks would be a thousand calls.
  if (job->allocation_.step && job->allocation_.step->rank > 0) return job;
  const auto known = job->look_up();
  if (!known && job->allocation_.place != Place::shell) job->say_what_is_lost(known.error());
  return job;
}

Result<void> BatchJob::look_up() {
  auto record = controller_.show_job(allocation_.job, allocation_.array);
  if (!record) return tl::unexpected(record.error());
  record_ = std::move(*record);
  return {};
}

void BatchJob::say_what_is_lost(const Error& error) const {
  const char* loss =
      allocation_.end_time
          ? "so the time limit is taken as it was at the start"
          : "so the time limit is not known, and the run stops in time for it only where a signal "
            "says that it is near (#SBATCH --signal=B:USR1@60)";
  report_warning("Slurm was asked about this job in vain, " + std::string(loss) +
                 "; squeue shows no progress: " + error.text());
}

Result<std::optional<std::string>> BatchJob::submitted_file(const std::string& file) const {
  if (std::filesystem::path(file).filename() != spooled_name) return std::nullopt;
  if (record_)
    if (const auto command = split_command(record_->command, is_file)) return command->first;
  const char* name = std::getenv("SLURM_JOB_NAME");
  const std::string likely =
      (std::filesystem::path(allocation_.submit_folder) / (name == nullptr ? "" : name)).string();
  if (have_same_text(file, likely)) return likely;
  return failure(
      file + " is Slurm's copy of the sweep file, and where that itself is cannot be found: " +
      (record_ ? "the job's Command is '" + record_->command + "', " + why_no_file(record_->command)
               : "Slurm's controller does not say, and it is not '" + likely + "'") +
      "; submit it by its name (sbatch FILE) from its own folder, without --job-name, or submit a script "
      "that runs: sweepd run FILE");
}

void BatchJob::keep_free(Duration margin) {
  margin_ = margin;
  heed_end();
}

void BatchJob::heed_end() {
  const auto end_s = deadline(allocation_, record_);
  if (end_s == end_s_) return;
  end_s_ = end_s;
  end_by_ns_.reset();
  if (!end_s) return;
  const int64_t left_ns = *end_s * billion - nanoseconds(CLOCK_REALTIME);
  end_by_ns_ = monotonic_ns() + left_ns - std::min(margin_.count(), left_ns / least_share_of_margin);
}

bool BatchJob::is_end_certain() {
  if (!record_) return true;
  const bool is_certain = calls_.is_end_certain(*record_);
  heed_end();
  return is_certain;
}

void BatchJob::show(const Progress& progress) {
  constexpr int64_t near_ns = 60 * billion;
  if (!record_) return;
  const CommentFigures figures{progress.done, progress.total, progress.failed, progress.eta_s};
  const bool end_is_near = end_by_ns_ && *end_by_ns_ - monotonic_ns() < near_ns;
  calls_.attend(*record_, progress_comment(figures), end_is_near);
  heed_end();
}

Result<void> BatchJob::go_on(Continue how, const std::vector<std::string>& words) {
  if (how == Continue::none) return {};
  if (!record_)
    if (auto known = look_up(); !known) return known;
  return how == Continue::requeue ? requeue() : resubmit(words);
}

Result<void> BatchJob::requeue() {
  if (!record_->is_batch) return failure("it is an interactive one (salloc)");
  if (!record_->may_requeue)
    return failure(
        "it may not be put back into the queue (--no-requeue, or the cluster has JobRequeue=0); submit it "
        "with "
        "#SBATCH --requeue, or have it submitted again by slurm: {continue: resubmit}");
  tell("sweepd: the job is put back into the queue, to carry on from there\n");
  return controller_.requeue(*record_);
}

Result<void> BatchJob::resubmit(std::vector<std::string> words) {
  if (words.empty()) words = words_of(record_->command);
  if (words.empty())
    return failure("it has no batch script that could be submitted again; submit the sweep file itself");
  const auto submission = controller_.resubmit(words, *record_, same_request(*record_));
  if (!submission) return tl::unexpected(submission.error());
  tell("{}{}sweepd: job {} carries on when this one has ended\n", submission->messages,
       submission->messages.empty() ? "" : "\n", submission->job);
  return {};
}

bool BatchJob::is_cancelled() {
  if (!look_up() || record_->state == "RUNNING") return false;
  if (!record_->start_time || !record_->time_limit_s) return true;
  // While it ends its state is COMPLETING, whatever the reason. Slurm looks at limits every few seconds.
  constexpr int64_t tolerance_s = 5;
  const int64_t now_s = nanoseconds(CLOCK_REALTIME) / billion;
  return now_s + tolerance_s < *record_->start_time + *record_->time_limit_s;
}

}  // namespace sweepd
