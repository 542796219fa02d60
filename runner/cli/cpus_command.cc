#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "runner/cli/exit_status.h"
#include "runner/cli/job_grant.h"
#include "runner/cli/messages.h"
#include "runner/cli/requests.h"
#include "runner/core/core_plan_text.h"
#include "runner/platform/cpu_quota.h"
#include "runner/platform/topology.h"
#include "slurm/node_list.h"

namespace sweepd {
namespace {

using Nodes = std::vector<GrantedNode>;

/// `n[2-4]  8 each`; neighbours that were granted as many share a line.
void show_nodes(const Nodes& nodes, const std::string& here) {
  for (auto first = nodes.begin(); first != nodes.end();) {
    const auto ends = [&](const GrantedNode& node) {
      return node.cpus != first->cpus || node.name == here || first->name == here;
    };
    const auto last = std::find_if(first + 1, nodes.end(), ends);
    std::vector<std::string> names;
    std::transform(first, last, std::back_inserter(names), [](const GrantedNode& node) { return node.name; });
    const std::string cpus = first->cpus == 0 ? "not known" : std::to_string(first->cpus);
    put("  {:<14} {}{}{}\n", node_list_text(names), cpus, names.size() > 1 && first->cpus > 0 ? " each" : "",
        first->name == here ? " (here)" : "");
    first = last;
  }
}

void show_process(const ProcessGrant& grant, const GrantedCores& cores, const WorkerOptions& workers) {
  if (cores.number) put("for this process: {}", granted_text(cores, grant));
  if (cores.number && grant.memory_mib) put(", {} MiB of memory", *grant.memory_mib);
  if (cores.number) put("\n");
  if (const auto warning = not_held_warning(workers, cores, grant)) report_warning(*warning);
}

Result<void> show_plan(const CpusRequest& request, const CpuTopology& topology,
                       const std::optional<ProcessGrant>& grant) {
  const CpuSet allowed = allowed_processors();
  const GrantedCores cores = granted_cores(topology, allowed, grant ? grant->cpus : std::nullopt);
  if (grant)
    if (auto checked = check_count(request.workers, request.workers, cores, *grant); !checked) return checked;
  const auto plan = plan_granted_cores(topology, cores, request.workers);
  if (!plan) return tl::unexpected(plan.error());
  if (grant) show_process(*grant, cores, request.workers);
  put("{}", describe(topology, allowed, *plan));
  return {};
}

}  // namespace

int cpus_command(const CpusRequest& request) {
  const auto topology = read_topology();
  if (!topology) {
    report_error(topology.error());
    return system_failure;
  }
  const auto allocation = find_allocation();
  if (!allocation) {
    report_error(allocation.error());
    return wrong_request;
  }
  if (*allocation) {
    put("processors that job {} was granted, by node:\n", (*allocation)->job);
    show_nodes((*allocation)->nodes, (*allocation)->node);
  }
  const auto shown = show_plan(request, *topology, *allocation ? process_grant(**allocation) : std::nullopt);
  if (!shown) {
    report_error(shown.error());
    return wrong_request;
  }
  if (const auto quota = cpu_quota())
    put("a control group limits this process to the time of {:.2f} processors\n", *quota);
  return every_point_ok;
}

}  // namespace sweepd
