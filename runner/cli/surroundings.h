// What reaches a run from outside: signals, the end of its job, and other runs that share its sweep.
#pragma once

#include "runner/cli/batch_job.h"
#include "runner/engine/run_sweep.h"
#include "runner/engine/sweep_sharing.h"
#include "runner/platform/stop_signals.h"

namespace sweepd {

/// Signals, the directory's lock, and other runs that share the sweep. One at a time.
class Surroundings : public Outside {
 public:
  /// `job` is null outside of one.
  Surroundings(StopSignals& signals, SweepSharing& sharing, BatchJob* job)
      : signals_(signals), sharing_(sharing), job_(job) {}
  /// A job's SIGTERM comes to its commands as well, and SIGKILL soon after: it is as good as two.
  int stop_requests() const override {
    if (job_ == nullptr) return signals_.count();
    return signals_.count(SIGINT) + signals_.count(SIGHUP) + 2 * terminations();
  }
  /// As `#SBATCH --signal=B:USR1@60` asks Slurm to say.
  bool time_is_nearly_over() const override {
    return job_ != nullptr && signals_.count(SIGUSR1) + signals_.count(SIGUSR2) > 0;
  }
  std::optional<int64_t> end_by_ns() const override {
    return job_ != nullptr ? job_->end_by_ns() : std::nullopt;
  }
  bool is_end_certain() override { return job_ == nullptr || job_->is_end_certain(); }
  int terminations() const { return signals_.count(SIGTERM); }
  bool pause_requested() const override { return signals_.pause_requested(); }
  void pause() override { signals_.pause(); }
  bool hold_directory() override { return sharing_.hold(); }
  Sharing* sharing() override { return &sharing_; }

 private:
  StopSignals& signals_;
  SweepSharing& sharing_;
  BatchJob* job_;
};

}  // namespace sweepd
