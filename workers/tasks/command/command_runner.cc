#include "workers/tasks/command/command_runner.h"

#include <algorithm>
#include <thread>

#include "runner/platform/process_tree.h"

namespace sweepd {
namespace {

// The pauses between attempts to start a command, each twice the one before: 1.3 s in all.
constexpr Duration first_pause = std::chrono::milliseconds(5);
constexpr Duration last_pause = std::chrono::milliseconds(640);

// False where the sweep is being stopped.
bool wait_unless_stopping(const PointContext& context, Duration pause) {
  constexpr Duration slice = std::chrono::milliseconds(50);
  for (; pause > Duration::zero() && !is_stopping(context); pause -= slice)
    std::this_thread::sleep_for(std::min(pause, slice));
  return !is_stopping(context);
}

ProcessLimits limits_of(const Limits& limits, const WorkerShare& share) {
  return {limits.timeout, limits.grace, memory_limit(limits, share),
          !limits.memory_bytes && share.memory_bytes};
}

}  // namespace

CommandRunner::CommandRunner(const Sweep& sweep, const Program& program, const WorkerContext& worker)
    : limits_(limits_of(sweep.limits, worker.share)),
      verdict_(limits_),
      line_(sweep, program, worker),
      place_(sweep.directory),
      output_(program.result) {
  adopt_orphans();
}

Outcome CommandRunner::run(const PointContext& context, std::string& result) {
  interruption_.begin();
  Result<ProcessEnd> end = start_and_watch(context);
  // What is short may be there again in a moment.
  for (Duration pause = first_pause; !end && end.error().is_shortage && pause <= last_pause; pause *= 2) {
    if (!wait_unless_stopping(context, pause)) break;
    end = start_and_watch(context);
  }
  if (end) return judge(*end, context, result);
  Outcome outcome;
  if (end.error().is_shortage)
    outcome.broken = end.error();
  else
    outcome.failure = Failure{ErrorKind::exit, end.error().message, std::nullopt, {}};
  return outcome;
}

Result<ProcessEnd> CommandRunner::start_and_watch(const PointContext& context) {
  if (Result<void> opened = place_.open(); !opened) return tl::unexpected(opened.error());
  if (Result<void> filled = line_.fill(context); !filled) return tl::unexpected(filled.error());
  const Result<std::string>& path = line_.find_program();
  if (!path) return tl::unexpected(path.error());
  output_.clear();
  const ChildSpec spec{.path = path->c_str(),
                       .argv = line_.argv(),
                       .envp = line_.environment(),
                       .in_fd = place_.null_fd(),
                       .out_fd = -1,
                       .err_fd = -1,
                       .directory_fd = place_.folder_fd(),
                       .guard_fd = guard_.fd()};
  return run_process(spec, limits_, output_.out(), output_.err());
}

Outcome CommandRunner::judge(const ProcessEnd& end, const PointContext& context, std::string& result) {
  Outcome outcome;
  outcome.cpu_s = end.child.cpu_s;
  outcome.max_rss_mib = end.child.max_rss_mib;
  outcome.failure = verdict_.failure_of(end);
  if (outcome.failure)
    output_.explain(*outcome.failure);
  else
    output_.take_result(result, outcome);
  outcome.interrupted = interruption_.came_to(end, outcome.failure.has_value(), context);
  return outcome;
}

}  // namespace sweepd
