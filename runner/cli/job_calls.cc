#include "runner/cli/job_calls.h"

#include "runner/platform/clock.h"

namespace sweepd {
namespace {

double now_s() { return static_cast<double>(monotonic_ns()) / 1e9; }

}  // namespace

void JobCalls::leave_comment_alone() {
  comments_work_ = false;
  budget_.take(now_s());  // the job has just been looked at
}

void JobCalls::attend(JobRecord& record, const std::string& comment, bool end_is_near) {
  settle(record);
  if (is_busy() || end_is_near || !budget_.take(now_s())) return;
  if (comments_work_ && !is_look_next_) {
    auto call = controller_.start_comment(record, comment);
    comments_work_ = call.has_value();
    if (call) comment_.emplace(std::move(*call));
  } else if (auto call = controller_.start_show(record)) {
    look_.emplace(std::move(*call));
  }
  is_look_next_ = !is_look_next_;
}

bool JobCalls::is_end_certain(JobRecord& record) {
  settle(record);
  if (is_busy()) return false;
  if (!record.end_time || confirmed_end_ == record.end_time) return true;
  confirmed_end_ = record.end_time;  // unless the answer is another
  auto call = controller_.start_show(record);
  if (!call) return true;
  look_.emplace(std::move(*call));
  budget_.take(now_s());
  return false;
}

void JobCalls::end() {
  comment_.reset();
  look_.reset();
}

void JobCalls::settle(JobRecord& record) {
  if (comment_)
    if (const auto outcome = comment_->poll()) {
      comment_.reset();
      if (!*outcome) comments_work_ = false;  // not worth a word: squeue just does not show it
    }
  if (look_)
    if (const auto answer = look_->poll()) {
      look_.reset();
      take_answer(*answer, record);
    }
}

/// Without one, or of a job that is being ended, what was known before holds.
void JobCalls::take_answer(const Result<std::string>& answer, JobRecord& record) const {
  if (!answer) return;
  auto now = read_job_record(*answer, record.job);
  if (now && now->state == "RUNNING") record = std::move(*now);
}

}  // namespace sweepd
