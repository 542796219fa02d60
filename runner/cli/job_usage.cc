#include "runner/cli/job_usage.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/cli/messages.h"
#include "slurm/right_size.h"

namespace sweepd {
namespace {

uint32_t granted_cores_of_job(const Allocation& allocation, const Crew& crew) {
  const auto cpus = static_cast<uint32_t>(allocation.cpus());
  return cpus == 0 ? crew.cores.granted() : std::max(cpus / crew.cores.cpus_per_core, 1U);
}

std::optional<double> positive(double value) { return value > 0 ? std::optional(value) : std::nullopt; }

std::optional<double> memory_per_core_mib(const Crew& crew) {
  if (!crew.grant || !crew.grant->memory_mib) return std::nullopt;
  return static_cast<double>(*crew.grant->memory_mib) / std::max(crew.cores.granted(), 1U);
}

JobUse use_of(const BatchJob& batch, const Crew& crew, const WorkerOptions& workers,
              const RunTotals& totals) {
  JobUse use{.nodes = static_cast<uint32_t>(batch.allocation().nodes.size()),
             .cores = granted_cores_of_job(batch.allocation(), crew),
             .cores_per_worker = std::max(workers.cores, 1U),
             .cpus_per_core = crew.cores.cpus_per_core,
             .elapsed_s = totals.elapsed_s,
             .memory_peak_mib = positive(totals.max_rss_mib),
             .memory_limit_mib = memory_per_core_mib(crew)};
  use.busy_core_s = totals.busy_s * use.cores_per_worker;
  use.idle_tail_core_s = totals.idle_tail_s * use.cores_per_worker;
  if (batch.record() && batch.record()->time_limit_s)
    use.limit_s = static_cast<double>(*batch.record()->time_limit_s);
  return use;
}

}  // namespace

JobUsage job_usage(const BatchJob& batch, const Crew& crew, const WorkerOptions& workers,
                   const RunTotals& totals, uint64_t waiting_points) {
  JobUse use = use_of(batch, crew, workers, totals);
  if (totals.ending != Ending::complete && waiting_points > 0)
    use.part_done = static_cast<double>(totals.points) / static_cast<double>(waiting_points);
  RightSize size = right_size(use);
  return {.job = std::to_string(batch.allocation().job),
          .nodes = use.nodes,
          .cores = use.cores,
          .busy_core_s = use.busy_core_s,
          .idle_tail_core_s = use.idle_tail_core_s,
          .elapsed_s = use.elapsed_s,
          .time_limit_s = use.limit_s.value_or(0),
          .memory_peak_mib = use.memory_peak_mib.value_or(0),
          .memory_granted_mib = use.memory_limit_mib.value_or(0),
          .used = std::move(size.used),
          .ask = std::move(size.ask)};
}

void report_usage(const JobUsage& usage) {
  put("job {}: {}\nnext time: #SBATCH {}\n", usage.job, usage.used, fmt::join(usage.ask, " "));
}

}  // namespace sweepd
