#include "runner/cli/launched_ranks.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "runner/cli/gang_size.h"
#include "runner/cli/request_sweep.h"
#include "runner/core/task_traits.h"
#include "runner/platform/process_identity.h"
#include "runner/platform/system_error.h"
#include "slurm/allocation.h"

namespace sweepd {
namespace {

// Ranks read the sweep file, which may have millions of points, from a file server that all ask at
// once.
constexpr Duration longest_muster = std::chrono::minutes(10);
constexpr Duration longest_wait_for_workers = std::chrono::seconds(1);

}  // namespace

Result<std::optional<Launch>> this_launch() {
  const auto allocation = find_allocation();
  if (!allocation) return tl::unexpected(allocation.error());
  std::optional<Launch> step;
  if (*allocation && (*allocation)->step)
    step = Launch{(*allocation)->step->rank, (*allocation)->step->tasks};
  return find_launch(launch_facts(step));
}

Result<CpuSet> LaunchedRanks::own_cpus(const CpuTopology& topology, const CpuSet& allowed) {
  auto link = RankLink::join(std::move(socket_), launch_);
  if (!link) return tl::unexpected(link.error());
  link_.emplace(std::move(*link));
  const auto offers = gather_offers(*link_, own_offer(allowed));
  if (!offers) return tl::unexpected(offers.error());
  shares_ = share_cores(*offers);
  return cpus_of_share(topology, shares_[0]);
}

Result<void> LaunchedRanks::spread_gangs(Staffing& own) {
  if (!traits_of(own.sweep.task).leads_gangs) return {};
  WorkerContext& leader = own.posts.front().context;
  size_t cores = leader.share.gang_cores.size();
  for (size_t rank = 1; rank < crews_.size(); ++rank) {
    leader.cores_elsewhere.push_back(crews_[rank].gang_cores);
    cores += crews_[rank].gang_cores;
  }
  auto checked = check_gangs(own.sweep, cores, "the " + std::to_string(crews_.size()) + " ranks together");
  refused_ = !checked;
  return checked;
}

Result<std::unique_ptr<WorkerPool>> LaunchedRanks::start_pool(const Staffing& own, Duration silence) {
  std::vector<StaffOrder> orders;
  for (const CoreShare& share : shares_) orders.push_back({ticket_of(own), share, silence});
  auto crews = staff_ranks(*link_, orders, longest_muster);
  refused_ = !crews;
  if (!crews) return tl::unexpected(crews.error());
  crews_ = std::move(*crews);
  crews_[0].host = host_name();
  crews_[0].cpus = cpus_of(own.posts);
  Staffing staffing = own;
  if (auto spread = spread_gangs(staffing); !spread) return tl::unexpected(spread.error());
  auto local = LocalPool::start(staffing);
  if (!local) return tl::unexpected(local.error());
  auto pool = std::make_unique<RankedPool>(*link_, std::move(*local), crews_, silence);
  pool->await_workers(longest_wait_for_workers);
  return pool;
}

}  // namespace sweepd
