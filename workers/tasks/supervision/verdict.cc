#include "workers/tasks/supervision/verdict.h"

#include <csignal>
#include <cstring>
#include <string>

#include "runner/core/json.h"

namespace sweepd {
namespace {

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

}  // namespace

std::optional<Failure> Verdict::failure_of(const ProcessEnd& end) {
  if (end.by == EndedBy::timeout) return over_time();
  if (end.by == EndedBy::memory) return over_memory();
  if (end.child.by_signal()) return killed(end.child);
  if (end.child.exit_code() != 0) return exited(end.child);
  return std::nullopt;
}

Failure Verdict::over_time() const {
  return {ErrorKind::timeout,
          "not finished after " + seconds_text(*limits_.timeout) + " (limits.timeout), so it was stopped",
          {},
          {}};
}

// How much exactly differs from run to run; that is in max_rss_mib, and not in the merged results.
Failure Verdict::over_memory() const {
  const std::string whose =
      limits_.memory_is_of_job ? " that a worker has of the job's memory" : " of limits.memory";
  return {ErrorKind::memory,
          "used more than the " + size_text(*limits_.memory_bytes) + whose + ", so it was stopped",
          {},
          {}};
}

Failure Verdict::killed(const ChildEnd& child) {
  const std::string by =
      "killed by signal " + std::to_string(child.signal()) + " (" + signal_name(child.signal()) + ")";
  if (child.signal() != SIGKILL) return {ErrorKind::signal, by, {}, {}};
  if (oom_kills_.rose()) return {ErrorKind::memory, killed_for_memory, {}, {}};
  return {ErrorKind::signal, by + killed_by_others, {}, {}};
}

Failure Verdict::exited(const ChildEnd& child) {
  const std::string text = "exited with status " + std::to_string(child.exit_code());
  // So a shell tells that the program it ran was killed.
  if (child.exit_code() == 128 + SIGKILL && oom_kills_.rose())
    return {ErrorKind::memory, text + ": " + killed_for_memory, child.exit_code(), {}};
  return {ErrorKind::exit, text, child.exit_code(), {}};
}

}  // namespace sweepd
