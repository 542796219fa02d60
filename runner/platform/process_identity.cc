#include "runner/platform/process_identity.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "runner/core/utf8.h"

namespace sweepd {

std::optional<uint64_t> start_ticks(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  // The name in field 2 may hold anything, parentheses and blanks included; nothing after it does.
  if (!std::getline(file, text) || text.rfind(") ") == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(text.rfind(") ") + 2));
  std::string field;
  constexpr int start_time_after_name = 22 - 2;
  for (int i = 0; i < start_time_after_name; ++i)
    if (!(fields >> field)) return std::nullopt;
  if (text[text.rfind(") ") + 2] == 'Z') return std::nullopt;  // dead, only not yet waited for
  return std::stoull(field);
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
  stat("/proc/self/ns/pid", &space);
  return boot_id() + ' ' + std::to_string(space.st_ino);
}

}  // namespace sweepd
