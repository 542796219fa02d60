// BatchJob: what the Slurm job that this process runs in means for a run: which file was submitted, when it
// has to be over, how it goes on after that, and where its progress shows. Outside of a job there is none,
// and nothing of Slurm is asked. What the controller does not answer is said once and done without.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runner/core/sweep.h"
#include "runner/engine/progress.h"
#include "slurm/allocation.h"
#include "slurm/call_budget.h"
#include "slurm/controller.h"

namespace sweepd {

class BatchJob {
 public:
  /// None where this process is not in a job's batch script or step. Fails on variables of Slurm's that are
  /// malformed.
  static Result<std::unique_ptr<BatchJob>> find();

  /// The path of the sweep file that was submitted, where `file` is Slurm's copy of it.
  std::optional<std::string> submitted_file(const std::string& file) const;

  /// When the run has to be over, `margin` before the job's end, or a quarter of the time that is left where
  /// that is less: CLOCK_MONOTONIC, ns. None where the end is not known.
  std::optional<int64_t> end_by_ns(Duration margin) const;

  /// In squeue's comment, at most once a minute.
  void show(const Progress& progress);
  void leave_comment_alone() { comments_work_ = false; }
  /// Ends a call that is under way, before somebody else reaps its process.
  void end_showing() { comment_.reset(); }

  /// Puts the job back into the queue, or `file` into it once more, as the sweep file has it. Says what it
  /// did.
  Result<void> go_on(Continue how, const std::string& file);

  const Allocation& allocation() const { return allocation_; }
  const std::optional<JobRecord>& record() const { return record_; }

 private:
  explicit BatchJob(Allocation allocation);

  Allocation allocation_;
  mutable Controller controller_;
  std::optional<JobRecord> record_;
  CallBudget comments_;
  std::optional<PendingCall> comment_;
  bool comments_work_ = true;
};

}  // namespace sweepd
