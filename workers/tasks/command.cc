#include "workers/tasks/command.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "runner/core/builtins.h"
#include "runner/core/json.h"
#include "runner/core/utf8.h"
#include "runner/platform/clock.h"
#include "runner/platform/process_tree.h"
#include "runner/platform/program.h"
#include "runner/platform/system_error.h"
#include "runner/core/command_result.h"

namespace sweepd {
namespace {

constexpr const char* shell_path = "/bin/sh";
// Where PATH is not set; as Debian's shells have it.
constexpr std::string_view default_path = "/usr/local/bin:/usr/bin:/bin";

const CommandTask& command_of(const Sweep& sweep) { return std::get<CommandTask>(sweep.task); }

bool is_shell(const CommandTask& task) { return task.argv.empty(); }

std::vector<std::string> shell_variables(const Sweep& sweep) {
  std::vector<std::string> names;
  if (!is_shell(command_of(sweep))) return names;
  for (const Column& column : sweep.space->columns()) names.emplace_back(column.name);
  return names;
}

Capture stdout_capture(ResultKind kind) {
  if (kind == ResultKind::json) return Capture(max_json_output, 0);
  return Capture(capture_half, capture_half);
}

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  if (name != nullptr) return std::string("SIG") + name;
  return "real-time signal";
}

// 1.5 s, 90 s, 0.25 s
std::string seconds_text(Duration duration) {
  std::string text;
  append_json(text, std::chrono::duration<double>(duration).count());
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text + " s";
}

constexpr uint64_t mib = uint64_t{1} << 20;

// 200 MiB; of less than one: 900 KiB.
std::string size_text(uint64_t bytes) {
  const uint64_t unit = bytes < mib ? 1024 : mib;
  return std::to_string(bytes / unit) + (unit == mib ? " MiB" : " KiB");
}

// The pauses between attempts to start a command, each twice the one before: 1.3 s in all.
constexpr Duration first_pause = std::chrono::milliseconds(5);
constexpr Duration last_pause = std::chrono::milliseconds(640);

bool is_stopping(const PointContext& context) {
  return context.pulse != nullptr && context.pulse->is_stopping();
}

// False where the sweep is being stopped.
bool wait_unless_stopping(const PointContext& context, Duration pause) {
  constexpr Duration slice = std::chrono::milliseconds(50);
  for (; pause > Duration::zero() && !is_stopping(context); pause -= slice)
    std::this_thread::sleep_for(std::min(pause, slice));
  return !is_stopping(context);
}

// Whoever signals all processes one by one may come to a command this much before its worker, or after it.
constexpr Duration signal_spread = std::chrono::milliseconds(100);

// The signal that ended it, or one of what it had started, as shells and launchers tell; 0: none.
int deadly_signal(const ChildEnd& child) {
  if (child.by_signal()) return child.signal();
  constexpr int by_signal = 128;
  return child.exit_code() > by_signal ? child.exit_code() - by_signal : 0;
}

}  // namespace

Result<std::string> program_of(const CommandTask& task, const std::string& directory) {
  const char* path = getenv("PATH");
  std::string name = shell_path;
  if (!is_shell(task)) {
    name.clear();
    task.argv.front().append({}, {}, name);  // its text with {{ and }} made braces
  }
  return find_program(name, path != nullptr ? path : default_path, directory);
}

Result<void> check_command(const CommandTask& task, const std::string& directory) {
  if (!is_shell(task) && !task.argv.front().is_literal()) return {};
  const Result<std::string> program = program_of(task, directory);
  if (!program) return failure(program.error().message, task.where);
  return {};
}

CommandRunner::CommandRunner(const Sweep& sweep, const WorkerContext& worker, Duration grace)
    : sweep_(sweep),
      task_(command_of(sweep)),
      limits_{sweep.limits.timeout, grace, sweep.limits.memory_bytes},
      in_slurm_job_(getenv("SLURM_JOB_ID") != nullptr),
      environment_(environ, worker, shell_variables(sweep)),
      cores_(worker.cores),
      out_(stdout_capture(task_.result)),
      err_(capture_half, capture_half) {
  adopt_orphans();
  if (is_shell(task_)) {
    arguments_ = {"sh", "-c", task_.shell};
    changes_.assign(arguments_.size(), false);
    program_ = shell_path;
  }
  for (const Template& argument : task_.argv) {
    argument.append({}, {}, arguments_.emplace_back());
    changes_.push_back(!argument.is_literal());
  }
  for (std::string& argument : arguments_) argv_.push_back(argument.data());
  argv_.push_back(nullptr);
}

Outcome CommandRunner::run(const PointContext& context, std::string& result) {
  signals_.look();
  const int64_t began_ns = monotonic_ns();
  Result<CommandEnd> end = start_and_watch(context);
  // What is short may be there again in a moment.
  for (Duration pause = first_pause; !end && end.error().is_shortage && pause <= last_pause; pause *= 2) {
    if (!wait_unless_stopping(context, pause)) break;
    end = start_and_watch(context);
  }
  Outcome outcome;
  if (end) {
    outcome = judge(*end, result);
    outcome.interrupted = was_interrupted(*end, outcome.failure.has_value(), began_ns, context);
    return outcome;
  }
  if (end.error().is_shortage)
    outcome.broken = end.error();
  else
    outcome.failure = Failure{ErrorKind::exit, end.error().message, std::nullopt, {}};
  return outcome;
}

Result<CommandEnd> CommandRunner::start_and_watch(const PointContext& context) {
  const Result<ChildSpec> spec = prepare(context);
  if (!spec) return tl::unexpected(spec.error());
  out_.clear();
  err_.clear();
  Capture* const out = task_.result == ResultKind::none ? nullptr : &out_;
  return run_command(*spec, limits_, null_.get(), out, err_);
}

Result<void> CommandRunner::open_places() {
  if (!null_) null_.reset(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null_) return refused("open", "/dev/null");
  if (!directory_) directory_.reset(open(sweep_.directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory_) return refused("enter the sweep file's folder", '\'' + sweep_.directory + '\'');
  return {};
}

Result<ChildSpec> CommandRunner::prepare(const PointContext& context) {
  if (Result<void> opened = open_places(); !opened) return tl::unexpected(opened.error());
  if (Result<void> filled = fill_arguments(context); !filled) return tl::unexpected(filled.error());
  if (!is_shell(task_) && searched_ != arguments_.front()) {
    searched_ = arguments_.front();
    program_ = find_program(searched_, environment_.value("PATH", default_path), sweep_.directory);
  }
  if (!program_) return tl::unexpected(program_.error());
  return ChildSpec{.path = program_->c_str(),
                   .argv = argv_.data(),
                   .envp = environment_.of(context),
                   .in_fd = null_.get(),
                   .out_fd = -1,
                   .err_fd = -1,
                   .directory_fd = directory_.get(),
                   .guard_fd = guard_.fd()};
}

Result<void> CommandRunner::fill_arguments(const PointContext& context) {
  for (const Parameter& parameter : context.point)
    if (parameter.value.type() == ValueType::string &&
        parameter.value.string().find('\0') != std::string_view::npos)
      return failure("parameter '" + std::string(parameter.name) +
                     "' holds a NUL byte, which no command can be given");
  const Point builtins = builtins_of(context.index, context.id, context.seed, cores_);
  for (size_t i = 0; i < arguments_.size(); ++i) {
    if (!changes_[i]) continue;
    arguments_[i].clear();
    task_.argv[i].append(context.point, builtins, arguments_[i]);
    argv_[i] = arguments_[i].data();
  }
  return {};
}

Outcome CommandRunner::judge(const CommandEnd& end, std::string& result) {
  Outcome outcome;
  outcome.failure = failure_of(end);
  outcome.cpu_s = end.child.cpu_s;
  outcome.max_rss_mib = end.child.max_rss_mib;
  if (!outcome.failure) take_result(result, outcome);
  return outcome;
}

bool CommandRunner::was_interrupted(const CommandEnd& end, bool failed, int64_t began_ns,
                                    const PointContext& context) {
  signals_.look();
  if (!failed) return in_slurm_job_ && signals_.came(SIGTERM, began_ns);
  if (end.by != EndedBy::itself) return false;
  const int64_t since_ns = began_ns - signal_spread.count();
  if (signals_.any_came(since_ns)) return true;
  // Who kills all processes may be about to kill this one, before it tells of a failure.
  const int number = deadly_signal(end.child);
  return (is_stop_signal(number) || number == SIGKILL) && others_stop_too(since_ns, context);
}

bool CommandRunner::others_stop_too(int64_t since_ns, const PointContext& context) {
  constexpr Duration slice = std::chrono::milliseconds(10);
  for (Duration waited{}; waited < signal_spread; waited += slice) {
    signals_.look(slice);
    if (signals_.any_came(since_ns) || is_stopping(context)) return true;
  }
  return false;
}

std::optional<Failure> CommandRunner::failure_of(const CommandEnd& end) {
  const ChildEnd& child = end.child;
  if (end.by == EndedBy::timeout)
    return Failure{
        ErrorKind::timeout,
        "not finished after " + seconds_text(*limits_.timeout) + " (limits.timeout), so it was stopped",
        std::nullopt, stderr_text()};
  if (end.by == EndedBy::memory)
    // How much exactly differs from run to run; that is in max_rss_mib, and not in the merged results.
    return Failure{ErrorKind::memory,
                   "used more than the " + size_text(*limits_.memory_bytes) +
                       (sweep_.limits.memory_is_of_job ? " that a worker has of the job's memory"
                                                       : " of limits.memory") +
                       ", so it was stopped",
                   std::nullopt, stderr_text()};
  if (child.by_signal()) return killed_failure(child);
  if (child.exit_code() == 0) return std::nullopt;
  Failure failure{ErrorKind::exit, "exited with status " + std::to_string(child.exit_code()),
                  child.exit_code(), stderr_text()};
  // So a shell tells that the program it ran was killed.
  if (child.exit_code() == 128 + SIGKILL && oom_kills_.rose()) {
    failure.kind = ErrorKind::memory;
    failure.message += std::string(": ") + killed_for_memory;
  }
  return failure;
}

Failure CommandRunner::killed_failure(const ChildEnd& child) {
  Failure failure{
      ErrorKind::signal,
      "killed by signal " + std::to_string(child.signal()) + " (" + signal_name(child.signal()) + ")",
      std::nullopt, stderr_text()};
  if (child.signal() != SIGKILL) return failure;
  if (oom_kills_.rose()) {
    failure.kind = ErrorKind::memory;
    failure.message = killed_for_memory;
  } else {
    failure.message += killed_by_others;
  }
  return failure;
}

void CommandRunner::take_result(std::string& result, Outcome& outcome) const {
  switch (task_.result) {
    case ResultKind::none:
      result += "null";
      break;
    case ResultKind::text:
      append_text_result(out_.text(), result);
      break;
    case ResultKind::json:
      take_json_result(result, outcome);
      break;
  }
}

void CommandRunner::take_json_result(std::string& result, Outcome& outcome) const {
  if (out_.is_cut()) {
    outcome.failure =
        Failure{ErrorKind::result,
                "printed " + std::to_string(out_.total()) + " bytes on standard output, more than the " +
                    std::to_string(max_json_output) +
                    " (16 MiB) that are read as JSON; write large results to files of their own",
                std::nullopt, stderr_text()};
    return;
  }
  const Result<bool> taken = append_json_result(out_.head(), result);
  if (taken)
    outcome.non_finite = *taken;
  else
    outcome.failure = Failure{ErrorKind::result, taken.error().message, std::nullopt, stderr_text()};
}

std::string CommandRunner::stderr_text() const {
  std::string valid;
  append_valid_utf8(err_.text(), valid);
  return valid;
}

}  // namespace sweepd
