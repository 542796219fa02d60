#include "slurm/right_size.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "slurm/progress_comment.h"

namespace sweepd {
namespace {

constexpr double minute = 60;
constexpr double hour = 60 * minute;
constexpr unsigned long long day_minutes = 1440;
constexpr double few_busy = 0.75;
constexpr double most_busy = 0.9;
constexpr double time_room = 1.25;
constexpr double memory_room = 1.2;

double rounded_up(double value, double step) { return std::max(std::ceil(value / step), 1.0) * step; }

std::string decimals(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

double busy_cores(const JobUse& use) { return use.elapsed_s > 0 ? use.busy_core_s / use.elapsed_s : 0; }

uint32_t cores_to_ask(const JobUse& use) {
  const double busy = busy_cores(use);
  if (use.elapsed_s < minute || busy >= few_busy * use.cores) return use.cores;
  const double workers = std::ceil(busy / most_busy / use.cores_per_worker);
  const double cores = std::max(workers, 1.0) * use.cores_per_worker;
  return static_cast<uint32_t>(std::min<double>(cores, use.cores));
}

double time_to_ask(const JobUse& use, uint32_t cores) {
  const double part = std::clamp(use.part_done, 0.001, 1.0);
  const double all = std::max(use.elapsed_s, use.busy_core_s / cores) / part;
  const double wanted = all * time_room;
  return rounded_up(wanted, wanted < hour ? 5 * minute : wanted < 6 * hour ? 15 * minute : hour);
}

uint64_t memory_to_ask(const JobUse& use) {
  const double wanted = *use.memory_peak_mib / use.cores_per_worker / use.cpus_per_core * memory_room;
  return static_cast<uint64_t>(rounded_up(wanted, wanted < 1024 ? 64 : 256));
}

// As sbatch takes it: hh:mm:ss or days-hh:mm:ss.
std::string slurm_time(double seconds) {
  const auto minutes = static_cast<unsigned long long>(seconds / minute);
  std::array<char, 64> text{};
  if (minutes < day_minutes)
    std::snprintf(text.data(), text.size(), "%02llu:%02llu:00", minutes / 60, minutes % 60);
  else
    std::snprintf(text.data(), text.size(), "%llu-%02llu:%02llu:00", minutes / day_minutes, minutes / 60 % 24,
                  minutes % 60);
  return text.data();
}

std::string used_text(const JobUse& use) {
  const double share = use.cores > 0 ? 100 * busy_cores(use) / use.cores : 0;
  std::string text = decimals(share, 0) + " % of " + std::to_string(use.cores) +
                     (use.cores == 1 ? " core busy" : " cores busy");
  if (use.memory_peak_mib) {
    text += ", memory peak " + decimals(*use.memory_peak_mib / use.cores_per_worker, 0) + " MiB a core";
    if (use.memory_limit_mib) text += " (granted " + decimals(*use.memory_limit_mib, 0) + ')';
  }
  text += ", " + short_time(use.elapsed_s);
  text += use.limit_s ? " of " + short_time(*use.limit_s) + " used" : " used";
  return text + ", idle tail " + decimals(use.idle_tail_core_s / hour, 2) + " core-hours";
}

}  // namespace

RightSize right_size(const JobUse& use) {
  const uint32_t cores = cores_to_ask(use);
  const uint32_t granted_nodes = std::max(use.nodes, 1U);
  const uint32_t most_per_node = std::max((use.cores + granted_nodes - 1) / granted_nodes, 1U);
  const uint32_t nodes = std::max((cores + most_per_node - 1) / most_per_node, 1U);
  const uint32_t workers = (cores + use.cores_per_worker - 1) / use.cores_per_worker;
  const uint32_t per_node = std::min((workers + nodes - 1) / nodes * use.cores_per_worker, most_per_node);
  RightSize result{used_text(use), {}};
  result.ask.push_back("--nodes=" + std::to_string(nodes));
  result.ask.push_back("--ntasks-per-node=1");
  result.ask.push_back("--cpus-per-task=" + std::to_string(std::max(per_node, 1U) * use.cpus_per_core));
  if (use.memory_peak_mib) result.ask.push_back("--mem-per-cpu=" + std::to_string(memory_to_ask(use)) + 'M');
  result.ask.push_back("--time=" + slurm_time(time_to_ask(use, std::max(cores, 1U))));
  return result;
}

}  // namespace sweepd
