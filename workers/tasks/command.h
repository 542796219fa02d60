// The command task: a program, or a line of shell, started for every point.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/sweep.h"
#include "runner/platform/group_guard.h"
#include "runner/platform/held_signals.h"
#include "runner/platform/oom_kills.h"
#include "runner/platform/unique_fd.h"
#include "workers/tasks/capture.h"
#include "workers/tasks/command_process.h"
#include "workers/tasks/environment.h"
#include "workers/tasks/task.h"

namespace sweepd {

/// Of standard error, and of standard output as text: bytes kept of the beginning and of the end.
inline constexpr size_t capture_half = size_t{32} * 1024;
/// Standard output read as JSON may be this long; it is not cut.
inline constexpr size_t max_json_output = size_t{16} * 1024 * 1024;

/// The path of the program as it will be run from `directory` (absolute); fails where it is missing or not
/// executable. The program's name does not depend on the point.
Result<std::string> program_of(const CommandTask& task, const std::string& directory);

/// Whether the program can be run from `directory` (absolute), before any point is: fails at the task's
/// position where it is missing or not executable. Says nothing of a program whose name depends on the point.
Result<void> check_command(const CommandTask& task, const std::string& directory);

/// Runs a command for every point, in the sweep's directory, with standard input from /dev/null. Standard
/// output is read only where the result is made of it, else it goes to /dev/null. A command that could not be
/// started is a failure of kind `exit` without an exit code; where that is for a shortage, it is tried again
/// for about a second and then breaks the run.
///
/// A command that a signal to stop ended is no failure where that came to this process as well (which takes
/// up to a tenth of a second to see), or where the sweep is being stopped: it was interrupted. In a Slurm
/// job, which signals every process at once, a success does not count either after SIGTERM: programs that
/// catch it may end well before they are done.
///
/// Its process should have one thread and no children of its own: it adopts what commands leave behind, and
/// whatever children there are after a command are killed. Signals to stop are held back from it.
class CommandRunner : public TaskRunner {
 public:
  /// `sweep.task` is a CommandTask; the sweep outlives the runner. The environment is taken from environ(7)
  /// now. After limits.timeout a command's processes get SIGTERM and, `grace` later, SIGKILL.
  CommandRunner(const Sweep& sweep, const WorkerContext& worker, Duration grace = std::chrono::seconds(5));

  Outcome run(const PointContext& context, std::string& result) override;

 private:
  Result<void> open_places();
  Result<void> fill_arguments(const PointContext& context);
  Result<ChildSpec> prepare(const PointContext& context);
  Result<CommandEnd> start_and_watch(const PointContext& context);
  Outcome judge(const CommandEnd& end, std::string& result);
  bool was_interrupted(const CommandEnd& end, bool failed, int64_t began_ns, const PointContext& context);
  bool others_stop_too(int64_t since_ns, const PointContext& context);
  std::optional<Failure> failure_of(const CommandEnd& end);
  Failure killed_failure(const ChildEnd& child);
  void take_result(std::string& result, Outcome& outcome) const;
  void take_json_result(std::string& result, Outcome& outcome) const;
  std::string stderr_text() const;

  const Sweep& sweep_;
  const CommandTask& task_;
  CommandLimits limits_;
  OomKills oom_kills_;
  HeldSignals signals_;
  GroupGuard guard_;
  const bool in_slurm_job_;
  Environment environment_;
  UniqueFd null_;
  UniqueFd directory_;
  Result<std::string> program_;  ///< to be executed; for a name that depends on the point: of the last one
  std::string searched_;         ///< the name that program_ was found for
  const uint32_t cores_;
  std::vector<std::string> arguments_;
  std::vector<bool> changes_;  ///< which arguments depend on the point
  std::vector<char*> argv_;
  Capture out_;
  Capture err_;
};

}  // namespace sweepd
