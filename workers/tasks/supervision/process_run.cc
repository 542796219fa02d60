#include "workers/tasks/supervision/process_run.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <span>

#include "runner/platform/clock.h"
#include "runner/platform/process_tree.h"
#include "workers/tasks/supervision/memory_watch.h"
#include "workers/tasks/supervision/output_streams.h"
#include "workers/tasks/supervision/time_limit.h"

namespace sweepd {
namespace {

Duration now() { return Duration(monotonic_ns()); }

class Supervision {
 public:
  Supervision(Child& child, OutputStreams& streams, const ProcessLimits& limits)
      : child_(child), streams_(streams), grace_(limits.grace) {
    const Duration began = now();
    if (limits.timeout) time_.emplace(*limits.timeout, began);
    if (limits.memory_bytes) memory_.emplace(*limits.memory_bytes, began);
    // The end comes first: what poll(2) then says of the streams includes all that the command wrote.
    polled_[0] = {child.pidfd(), POLLIN, 0};
    streams_.prepare(polled_streams());
  }

  /// Returns when the command has ended and what it wrote has been read.
  EndedBy watch() {
    while (!is_over()) {
      if (wait_for_news()) take_news();
      if (!is_over()) check_limits();
    }
    return by_;
  }

  uint64_t memory_peak() const { return memory_ ? memory_->peak() : 0; }

 private:
  enum class Phase { running, told_to_end, killed };

  std::span<pollfd, OutputStreams::count> polled_streams() {
    return std::span(polled_).last<OutputStreams::count>();
  }

  // After the timeout, what the command started gets its grace as well, as long as it holds an output.
  bool is_over() const {
    if (!has_ended_) return false;
    const bool is_held = polled_[1].fd >= 0 || polled_[2].fd >= 0;
    return phase_ != Phase::told_to_end || !is_held;
  }

  std::optional<Duration> longest_wait() const {
    std::optional<Duration> wait;
    if (phase_ == Phase::killed) return wait;
    if (time_) wait = time_->next_slice();
    if (memory_) {
      const Duration look = memory_->next_look() - now();
      wait = wait ? std::min(*wait, look) : look;
    }
    return wait;
  }

  // False where there is none.
  bool wait_for_news() {
    const std::optional<Duration> wait = longest_wait();
    const timespec limit = as_timespec(wait.value_or(Duration::zero()));
    return ppoll(polled_.data(), polled_.size(), wait ? &limit : nullptr, nullptr) > 0;
  }

  void take_news() {
    if (polled_[0].revents == 0) return streams_.read_ready(polled_streams());
    has_ended_ = true;
    polled_[0] = {-1, 0, 0};
    streams_.read_rest();
  }

  void check_limits() {
    if (phase_ == Phase::killed || (!time_ && !memory_)) return;
    const Duration moment = now();
    if (time_) time_->advance_to(moment);
    if (memory_ && moment >= memory_->next_look() && memory_->look(moment)) return end_by(EndedBy::memory);
    if (time_ && time_->is_over()) on_time_over(moment);
  }

  void on_time_over(Duration moment) {
    if (phase_ == Phase::told_to_end) return end_by(EndedBy::timeout);
    by_ = EndedBy::timeout;
    phase_ = Phase::told_to_end;
    time_.emplace(grace_, moment);
    streams_.notice_hang_ups();
    signal_all(SIGTERM);
  }

  void end_by(EndedBy by) {
    if (phase_ == Phase::running) by_ = by;
    phase_ = Phase::killed;
    signal_all(SIGKILL);
  }

  void signal_all(int signal) const {
    child_.signal_group(signal);
    for (const pid_t pid : descendants_of(getpid()))
      if (getpgid(pid) != child_.pid()) kill(pid, signal);
  }

  Child& child_;
  OutputStreams& streams_;
  const Duration grace_;
  std::array<pollfd, 1 + OutputStreams::count> polled_{};
  std::optional<TimeLimit> time_;
  std::optional<MemoryWatch> memory_;
  EndedBy by_ = EndedBy::itself;
  Phase phase_ = Phase::running;
  bool has_ended_ = false;
};

}  // namespace

Result<ProcessEnd> run_process(ChildSpec spec, const ProcessLimits& limits, Capture& out, Capture& err) {
  Result<OutputStreams> streams = OutputStreams::open(out, err);
  if (!streams) return tl::unexpected(streams.error());
  spec.out_fd = streams->write_end(0);
  spec.err_fd = streams->write_end(1);
  Result<Child> child = start_child(spec);
  if (!child) return tl::unexpected(child.error());
  Supervision supervision(*child, *streams, limits);
  const EndedBy by = supervision.watch();
  Result<ChildEnd> end = child->reap();
  end_all_children();
  if (!end) return tl::unexpected(end.error());
  constexpr double mib = 1024.0 * 1024.0;
  end->max_rss_mib = std::max(end->max_rss_mib, static_cast<double>(supervision.memory_peak()) / mib);
  return ProcessEnd{*end, by};
}

}  // namespace sweepd
