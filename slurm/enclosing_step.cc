#include "slurm/enclosing_step.h"

#include <sys/types.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <string>

#include "runner/platform/process_tree.h"

namespace sweepd {
namespace {

// A process's arguments as it shows them, up to the first null character.
std::string title_of(pid_t pid) {
  std::string title;
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
  std::getline(file, title, '\0');
  return title;
}

std::optional<uint32_t> whole(std::string_view text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<StepName> parse_step_title(std::string_view title) {
  constexpr std::string_view program = "slurmstepd: [";
  if (!title.starts_with(program)) return std::nullopt;
  title.remove_prefix(program.size());
  const size_t dot = title.find('.');
  const size_t end = title.find(']');
  if (dot == std::string_view::npos || end == std::string_view::npos || end < dot) return std::nullopt;
  const std::optional<uint32_t> job = whole(title.substr(0, dot));
  const std::string_view step = title.substr(dot + 1, end - dot - 1);
  if (!job) return std::nullopt;
  if (step == "batch" || step == "interactive") return StepName{*job, std::nullopt};
  const std::optional<uint32_t> number = whole(step);
  if (!number) return std::nullopt;
  return StepName{*job, number};
}

std::optional<StepName> enclosing_step() {
  std::optional<pid_t> pid = getppid();
  while (pid && *pid > 0) {
    if (const std::optional<StepName> step = parse_step_title(title_of(*pid))) return step;
    pid = *pid == 1 ? std::nullopt : parent_of(*pid);
  }
  return std::nullopt;
}

}  // namespace sweepd
