// The command task: a program, or a line of shell, started for every point.
#pragma once

#include <string>

#include "runner/core/sweep.h"
#include "runner/platform/group_guard.h"
#include "workers/tasks/command/command_line.h"
#include "workers/tasks/command/command_output.h"
#include "workers/tasks/command/work_place.h"
#include "workers/tasks/supervision/interruption.h"
#include "workers/tasks/supervision/process_run.h"
#include "workers/tasks/supervision/verdict.h"
#include "workers/tasks/task.h"

namespace sweepd {

/// Starts a program for every point, in the sweep's directory, with standard input from /dev/null. What it
/// prints is read, as far as a result or a failure needs it. A program that could not be
/// started is a failure of kind `exit` without an exit code; where that is for a shortage, it is tried again
/// for about a second and then breaks the run. One that was ended together with the sweep is no failure but
/// was interrupted (interruption.h).
///
/// Its process should have one thread and no children of its own: it adopts what commands leave behind, and
/// whatever children there are after a command are killed. Signals to stop are held back from it.
class CommandRunner : public TaskRunner {
 public:
  /// `program` is that of the sweep's task; the sweep outlives the runner. The environment is taken from
  /// environ(7) now. After limits.timeout a command's processes get SIGTERM and, limits.grace later, SIGKILL.
  CommandRunner(const Sweep& sweep, const Program& program, const WorkerContext& worker);

  Outcome run(const PointContext& context, std::string& result) override;

 private:
  Result<ProcessEnd> start_and_watch(const PointContext& context);
  Outcome judge(const ProcessEnd& end, const PointContext& context, std::string& result);

  const ProcessLimits limits_;
  Interruption interruption_;
  Verdict verdict_;
  GroupGuard guard_;
  CommandLine line_;
  WorkPlace place_;
  CommandOutput output_;
};

}  // namespace sweepd
