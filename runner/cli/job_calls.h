// JobCalls: what is asked of Slurm's controller while a run lasts, never waited for. Progress is shown in the
// job's comment, and the job is looked at again: its time limit may be changed, and a suspended job ends
// later.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "slurm/call_budget.h"
#include "slurm/controller.h"

namespace sweepd {

/// One call at a time and one a minute, comment and look in turns; and a look when the run would end for the
/// time limit, for which the minute before is left free.
class JobCalls {
 public:
  explicit JobCalls(Controller& controller) : controller_(controller) {}

  void leave_comment_alone();

  /// Makes the call that is due, if any. `record` is replaced when a look has been answered.
  void attend(JobRecord& record, const std::string& comment, bool end_is_near);

  /// Whether the end in `record` has been confirmed since the run came near to it, or cannot be. Else a look
  /// is under way: to be asked again.
  bool is_end_certain(JobRecord& record);

  /// Gives up what is under way, before somebody else reaps its process.
  void end();

 private:
  void settle(JobRecord& record);
  void take_answer(const Result<std::string>& answer, JobRecord& record) const;
  bool is_busy() const { return comment_ || look_; }

  Controller& controller_;
  CallBudget budget_;
  std::optional<PendingCall> comment_;
  std::optional<PendingCall> look_;
  bool comments_work_ = true;
  bool is_look_next_ = false;
  std::optional<int64_t> confirmed_end_;  ///< of the job, when it was last near
};

}  // namespace sweepd
