#include "slurm/process_grant.h"

#include <algorithm>

namespace sweepd {
namespace {

/// Of the whole job on this node.
std::optional<uint32_t> job_cpus(const Allocation& allocation) {
  const auto node = std::find_if(allocation.nodes.begin(), allocation.nodes.end(),
                                 [&](const GrantedNode& one) { return one.name == allocation.node; });
  if (node != allocation.nodes.end() && node->cpus > 0) return node->cpus;
  return allocation.cpus_on_node;
}

/// How many tasks of this step share the node.
uint32_t tasks_here(const Allocation& allocation) {
  if (!allocation.step || allocation.step->tasks_per_node.empty()) return 1;
  const Step& step = *allocation.step;
  const auto found = std::find(step.nodes.begin(), step.nodes.end(), allocation.node);
  if (found == step.nodes.end()) return 1;
  return std::max(step.tasks_per_node[static_cast<size_t>(found - step.nodes.begin())], 1U);
}

/// A step may have been given more than the job has (--overcommit, --overlap): that is no more cores.
std::optional<uint32_t> step_cpus(const Allocation& allocation) {
  const std::optional<uint32_t> of_job = job_cpus(allocation);
  if (!allocation.step || !allocation.cpus_on_node) return of_job;
  return of_job ? std::min(*allocation.cpus_on_node, *of_job) : allocation.cpus_on_node;
}

std::optional<uint64_t> memory_of(const Allocation& allocation, const std::optional<uint32_t>& cpus) {
  if (allocation.memory_per_cpu_mib)
    return cpus ? std::optional(*allocation.memory_per_cpu_mib * *cpus) : std::nullopt;
  const std::optional<uint32_t> all = job_cpus(allocation);
  if (!allocation.memory_per_node_mib || !cpus || !all) return allocation.memory_per_node_mib;
  return *allocation.memory_per_node_mib * std::min(*cpus, *all) / *all;
}

}  // namespace

std::optional<ProcessGrant> process_grant(const Allocation& allocation, uint32_t processes) {
  if (allocation.place == Place::shell) return std::nullopt;
  ProcessGrant grant{allocation.job, allocation.node, {}, {}};
  const std::optional<uint32_t> cpus = step_cpus(allocation);
  if (cpus && *cpus > 0) grant.cpus = std::max(*cpus / std::max(tasks_here(allocation), processes), 1U);
  grant.memory_mib = memory_of(allocation, grant.cpus);
  return grant;
}

}  // namespace sweepd
