// BatchJob: what the Slurm job that this process runs in means for a run: which file was submitted, when it
// has to be over, how it goes on after that, and where its progress shows. Outside of a job there is none,
// and nothing of Slurm is asked. What the controller does not answer is said once and done without.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/cli/job_calls.h"
#include "runner/core/sweep.h"
#include "runner/engine/progress.h"
#include "slurm/allocation.h"
#include "slurm/controller.h"

namespace sweepd {

class BatchJob {
 public:
  /// None where this process is in no job, nor a shell that was given one. Fails on variables of Slurm's that
  /// are malformed.
  static Result<std::unique_ptr<BatchJob>> find();

  /// Whether the job has been started before: it was put back into the queue.
  bool is_restart() const { return allocation_.restarts > 0; }

  /// The path of the sweep file that was submitted, where `file` is Slurm's copy of it; none where it is no
  /// copy. Fails where the path cannot be found: results would be left beside the copy, which Slurm removes.
  Result<std::optional<std::string>> submitted_file(const std::string& file) const;

  /// So much is to be free before the job's end, or a quarter of the time that is left where that is less.
  void keep_free(Duration margin);
  /// When the run has to be over: CLOCK_MONOTONIC, ns. None where the end is not known. It moves with the
  /// time limit.
  std::optional<int64_t> end_by_ns() const { return end_by_ns_; }
  /// See JobCalls.
  bool is_end_certain();

  /// In squeue's comment; what is asked of the controller while a run lasts is asked here.
  void show(const Progress& progress);
  void leave_comment_alone() { calls_.leave_comment_alone(); }
  /// Ends a call that is under way, before somebody else reaps its process.
  void end_showing() { calls_.end(); }

  /// Puts the job back into the queue, or submits `words` (a script's path and its arguments; none: those of
  /// the job), as the sweep file has it. Says what it does. Fails where that is refused.
  Result<void> go_on(Continue how, const std::vector<std::string>& words);
  /// Whether the job is being ended before its time, by somebody or for another job; asks the controller.
  bool is_cancelled();

  const Allocation& allocation() const { return allocation_; }
  /// None where the controller has not answered.
  const std::optional<JobRecord>& record() const { return record_; }

 private:
  explicit BatchJob(Allocation allocation);

  Result<void> look_up();
  void heed_end();
  void say_what_is_lost(const Error& error) const;
  Result<void> requeue();
  Result<void> resubmit(std::vector<std::string> words);

  Allocation allocation_;
  Controller controller_;
  std::optional<JobRecord> record_;
  JobCalls calls_{controller_};
  Duration margin_{};
  std::optional<int64_t> end_s_;  ///< of the job; end_by_ns_ is for this one
  std::optional<int64_t> end_by_ns_;
};

}  // namespace sweepd
