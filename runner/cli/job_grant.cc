#include "runner/cli/job_grant.h"

#include <fmt/format.h>

#include <algorithm>

namespace sweepd {
namespace {

constexpr uint64_t mib = uint64_t{1} << 20;
constexpr uint64_t most_memory_mib = uint64_t{1} << 40;  // what is more is no number of a machine's

std::string counted(uint64_t number, const char* noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

const char* noun(bool threads) { return threads ? "hardware thread" : "core"; }

/// What of the request leads to so many: `-j8`, `workers.count: 8` or the cores of one worker.
std::string request_text(const WorkerOptions& options) {
  const std::string each =
      options.cores > 1 ? fmt::format(" of {} each", counted(options.cores, "core")) : "";
  if (!options.count && options.pin.unit == PinUnit::list) return "the pin list " + options.pin.list;
  if (!options.count) return fmt::format("workers.cores: {}", options.cores);
  return (options.count_where.line > 0 ? "workers.count: " : "-j") + std::to_string(*options.count) + each;
}

uint64_t granted_bytes(const ProcessGrant& grant) {
  return std::min(*grant.memory_mib, most_memory_mib) * mib;
}

}  // namespace

Result<std::optional<ProcessGrant>> find_job_grant(uint32_t processes) {
  const auto allocation = find_allocation();
  if (!allocation) return tl::unexpected(allocation.error());
  return *allocation ? process_grant(**allocation, processes) : std::nullopt;
}

Result<void> check_count(const WorkerOptions& all, const WorkerOptions& options, const GrantedCores& cores,
                         const ProcessGrant& grant) {
  const auto found = excess(cores, options);
  if (!found) return {};
  const uint64_t cpus = found->threads ? found->asked : found->asked * cores.cpus_per_core;
  return failure(fmt::format("{} asks for {} on {}, and job {} was granted {} there; submit it with "
                             "--cpus-per-task={}, or ask for fewer workers",
                             request_text(all), counted(found->asked, noun(found->threads)), grant.node,
                             grant.job, counted(found->granted, noun(found->threads)), cpus),
                 all.count ? all.count_where : SourcePosition{});
}

std::string granted_text(const GrantedCores& cores, const ProcessGrant& grant) {
  std::string text = counted(cores.granted(), "core");
  if (cores.cpus_per_core > 1) text = counted(*cores.number, "hardware thread") + " (" + text + ')';
  return text + " on " + grant.node;
}

std::optional<std::string> not_held_warning(const WorkerOptions& options, const GrantedCores& cores,
                                            const ProcessGrant& grant) {
  if (cores.held) return std::nullopt;
  const bool binds = options.pin_is_chosen && options.pin.unit != PinUnit::none;
  return fmt::format(
      "job {} was granted {}, but Slurm lets it use more and does not say which are its own; {}", grant.job,
      granted_text(cores, grant),
      binds ? "workers are bound all the same, as 'pin' has it, maybe to cores of other jobs"
            : "so many are used, and workers are not bound (pin: none)");
}

std::optional<uint64_t> memory_share(size_t workers, const ProcessGrant& grant) {
  if (!grant.memory_mib) return std::nullopt;
  const uint64_t granted = granted_bytes(grant);
  return std::max((granted - granted / 20) / workers / mib, uint64_t{1}) * mib;
}

std::optional<std::string> memory_warning(const Limits& limits, size_t workers, const ProcessGrant& grant) {
  if (!limits.memory_bytes || !grant.memory_mib || *limits.memory_bytes <= granted_bytes(grant) / workers)
    return std::nullopt;
  return fmt::format(
      "limits.memory lets {} use {} MiB{}, and job {} was granted {} MiB on {}; if that is used, "
      "Slurm may end the whole job",
      counted(workers, "worker"), *limits.memory_bytes / mib, workers == 1 ? "" : " each", grant.job,
      *grant.memory_mib, grant.node);
}

std::optional<std::string> memory_limit_text(const Limits& limits, const WorkerShare& share,
                                             const std::optional<ProcessGrant>& grant) {
  const auto bytes = memory_limit(limits, share);
  if (!bytes) return std::nullopt;
  std::string text = fmt::format("{} MiB a worker", *bytes / mib);
  if (!limits.memory_bytes && grant)
    text += fmt::format(", of the {} MiB that job {} was granted on {}", *grant->memory_mib, grant->job,
                        grant->node);
  return text;
}

}  // namespace sweepd
