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

namespace sweepd {
namespace {

struct Resident {
  pid_t pid;
  uint64_t bytes;
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

/// Whether two processes have not only equal memories but one. Linux may not tell; equal numbers are then
/// taken for it, since a parent waits in vfork(2) while its numbers could differ.
bool have_one_memory(pid_t one, pid_t other) {
  const long order = syscall(SYS_kcmp, one, other, KCMP_VM, 0, 0);
  return order <= 0;
}

/// Those of the processes that have a memory of their own.
std::vector<Resident> resident(std::span<const pid_t> processes) {
  static const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  std::vector<Resident> found;
  std::map<std::string, pid_t> by_numbers;
  for (const pid_t pid : processes) {
    auto numbers = read_proc_file(path_of(pid, "statm"));
    if (!numbers) continue;
    const uint64_t pages = second_number(*numbers);
    const auto [twin, is_new] = by_numbers.emplace(std::move(*numbers), pid);
    if (is_new || !have_one_memory(twin->second, pid)) found.push_back({pid, pages * page});
  }
  return found;
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
  for (const Resident& process : resident(processes)) sum += process.bytes;
  return sum;
}

uint64_t proportional_bytes(std::span<const pid_t> processes) {
  uint64_t sum = 0;
  for (const Resident& process : resident(processes))
    sum += proportional(process.pid).value_or(process.bytes);
  return sum;
}

}  // namespace sweepd
