#include <fmt/format.h>

#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/requests.h"
#include "runner/core/core_plan_text.h"
#include "runner/platform/cpu_quota.h"
#include "runner/platform/topology.h"

namespace sweepd {

int cpus_command(const CpusRequest& request) {
  const auto topology = read_topology();
  if (!topology) {
    report_error(topology.error());
    return system_failure;
  }
  const CpuSet allowed = allowed_processors();
  const auto plan = plan_cores(*topology, allowed, request.workers);
  if (!plan) {
    report_error(plan.error());
    return wrong_request;
  }
  fmt::print("{}", describe(*topology, allowed, *plan));
  if (const auto quota = cpu_quota())
    fmt::print("a control group limits this process to the time of {:.2f} processors\n", *quota);
  return every_point_ok;
}

}  // namespace sweepd
