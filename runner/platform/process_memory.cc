#include "runner/platform/process_memory.h"

#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/platform/proc_file.h"
#include "runner/platform/process_tree.h"

namespace sweepd {
namespace {

struct Process {
  pid_t pid;
  std::string numbers;  ///< its statm: sizes in pages
};

std::string path_of(pid_t pid, const char* file) { return "/proc/" + std::to_string(pid) + '/' + file; }

/// The number after the first blank: field 2 of statm, in pages.
uint64_t second_number(std::string_view text) {
  const size_t blank = text.find(' ');
  uint64_t number = 0;
  if (blank != std::string_view::npos)
    std::from_chars(text.data() + blank + 1, text.data() + text.size(), number);
  return number;
}

/// Whether two processes have one memory, not only equal ones. Where Linux does not tell, equal numbers are
/// taken for it: they are equal as long as the parent waits in vfork(2).
bool have_one_memory(const Process& one, const Process& other) {
  const long order = syscall(SYS_kcmp, one.pid, other.pid, KCMP_VM, 0, 0);
  return order == 0 || (order < 0 && one.numbers == other.numbers);
}

/// Those of the processes that have a memory of their own.
std::vector<Process> with_own_memory(std::span<const pid_t> pids) {
  std::map<pid_t, Process> processes;
  for (const pid_t pid : pids)
    if (auto numbers = read_proc_file(path_of(pid, "statm"))) processes[pid] = {pid, std::move(*numbers)};
  std::vector<Process> found;
  for (const auto& [pid, process] : processes) {
    const auto parent = processes.size() > 1 ? parent_of(pid) : std::nullopt;
    const auto other = parent ? processes.find(*parent) : processes.end();
    if (other == processes.end() || !have_one_memory(process, other->second)) found.push_back(process);
  }
  return found;
}

uint64_t resident(const Process& process) {
  static const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return second_number(process.numbers) * page;
}

std::optional<uint64_t> proportional(pid_t pid) {
  const auto text = read_proc_file(path_of(pid, "smaps_rollup"));
  if (!text) return std::nullopt;
  const size_t line = text->find("\nPss:");
  if (line == std::string::npos) return std::nullopt;
  const size_t digits = text->find_first_of("0123456789", line);
  uint64_t kib = 0;
  if (digits != std::string::npos) std::from_chars(text->data() + digits, text->data() + text->size(), kib);
  return kib * 1024;
}

}  // namespace

uint64_t resident_bytes(std::span<const pid_t> processes) {
  uint64_t sum = 0;
  for (const Process& process : with_own_memory(processes)) sum += resident(process);
  return sum;
}

uint64_t proportional_bytes(std::span<const pid_t> processes) {
  uint64_t sum = 0;
  for (const Process& process : with_own_memory(processes))
    sum += proportional(process.pid).value_or(resident(process));
  return sum;
}

}  // namespace sweepd
