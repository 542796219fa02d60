// What this program asks of Slurm's controller, by way of scontrol and sbatch: argument vectors, never a
// shell. Whoever calls decides what to do without an answer; nothing here is repeated or needed to compute.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runner/core/error.h"
#include "runner/platform/captured_program.h"
#include "slurm/job_record.h"

namespace sweepd {

/// A call under way, for those who must not wait.
class PendingCall {
 public:
  PendingCall(std::string what, CapturedProgram program)
      : what_(std::move(what)), program_(std::move(program)) {}

  /// What the command printed, or why it failed, in its own words; nothing while it runs. To be called no
  /// more once there is an outcome.
  std::optional<Result<std::string>> poll();

  /// Ends the wait for the call, at the latest when its time is up.
  Result<std::string> wait();

 private:
  std::string what_;  ///< such as `scontrol requeue`
  CapturedProgram program_;
};

/// What sbatch made of a script.
struct Submission {
  std::string job;               ///< its number; empty where options such as --test-only submit nothing
  std::string cluster;           ///< where sbatch named one
  std::string messages;          ///< sbatch's own, such as warnings
  int exit_status = 0;           ///< not 0 with --wait, where it is the job's
  std::optional<Error> refusal;  ///< sbatch has not accepted it; why is in `messages`
};

/// For sbatch to submit `words`, a script's path and its arguments.
std::vector<std::string> sbatch_arguments(const std::vector<std::string>& words,
                                          const std::vector<std::string>& options);

/// Programs are looked for in PATH when first needed, and once. Calls wait for the answer unless their name
/// begins with `start`. Each ends when `limit_s` is over.
class Controller {
 public:
  /// `environment` (NAME=value) is what the commands see; see command_environment.h for what is changed.
  explicit Controller(std::vector<std::string> environment, double limit_s = 10);

  /// The job as the controller sees it. `array`, which the environment says, saves reading all other tasks of
  /// it, and is checked: one call, or two where it is wrong.
  Result<JobRecord> show_job(uint32_t job, const std::optional<ArrayTask>& array);

  /// Asks for `job` as the controller sees it now; read_job_record() makes a record of the answer.
  Result<PendingCall> start_show(const JobRecord& job);

  /// Puts the job, which may be this process's own, back into the queue. Slurm kills it then.
  Result<void> requeue(const JobRecord& job);

  /// Shows `text` in `squeue -o %k`. Control characters become blanks, and it is cut after 200 bytes.
  Result<PendingCall> start_comment(const JobRecord& job, std::string text);

  /// sbatch with sbatch_arguments(). The user's own --wait is waited for without limit. Fails where sbatch is
  /// not there or does not answer.
  Result<Submission> submit(const std::vector<std::string>& words, const std::vector<std::string>& options);

  /// Submits `words` (a script's path and its arguments) once more, to start when the job has ended in
  /// whatever way; see same_request() for the options. A refusal is a failure here.
  Result<Submission> resubmit(const std::vector<std::string>& words, const JobRecord& after,
                              const std::vector<std::string>& options);

 private:
  struct Program {
    const char* name;
    std::optional<Result<std::string>> path = {};
  };

  Result<CapturedProgram> start(Program& program, std::vector<std::string> arguments,
                                std::vector<std::string> environment, double limit_s);
  Result<PendingCall> start_scontrol(std::vector<std::string> arguments);
  Result<std::string> ask(std::vector<std::string> arguments);
  Result<JobRecord> show(const std::string& name, uint32_t job);
  Result<Submission> run_sbatch(std::vector<std::string> arguments, double limit_s);

  std::vector<std::string> environment_;
  double limit_s_;
  Program scontrol_{"scontrol"};
  Program sbatch_{"sbatch"};
};

/// Of what scontrol printed, the record of exactly this job.
Result<JobRecord> read_job_record(const std::string& text, uint32_t job);

}  // namespace sweepd
