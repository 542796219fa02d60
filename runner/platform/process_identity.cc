#include "runner/platform/process_identity.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "runner/core/utf8.h"

namespace sweepd {

namespace {

struct ProcessStat {
  char state;
  uint64_t start_ticks;
};

/// None where there is no such process, or none is shown.
std::optional<ProcessStat> stat_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  // The name in field 2 may hold anything, parentheses and blanks included; nothing after it does.
  if (!std::getline(file, text) || text.rfind(") ") == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(text.rfind(") ") + 2));
  std::string field;
  ProcessStat stat{text[text.rfind(") ") + 2], 0};
  constexpr int fields_between = 21 - 2;
  for (int i = 0; i < fields_between; ++i) fields >> field;
  return fields >> stat.start_ticks ? std::optional(stat) : std::nullopt;
}

}  // namespace

std::optional<uint64_t> start_ticks(pid_t pid) {
  const auto stat = stat_of(pid);
  return stat ? std::optional(stat->start_ticks) : std::nullopt;
}

std::optional<bool> process_lives(pid_t pid, uint64_t started_ticks) {
  if (kill(pid, 0) != 0 && errno == ESRCH) return false;
  const auto stat = stat_of(pid);
  if (!stat) return std::nullopt;
  return stat->start_ticks == started_ticks && stat->state != 'Z';
}

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return valid_utf8(name);
}

std::string boot_id() {
  std::string boot;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
  return boot;
}

std::string pid_space() {
  struct stat space {};
  const std::string boot = boot_id();
  if (boot.empty() || stat("/proc/self/ns/pid", &space) != 0) return {};
  return boot + ' ' + std::to_string(space.st_ino);
}

}  // namespace sweepd
