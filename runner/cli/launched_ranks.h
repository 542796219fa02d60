// LaunchedRanks: the processes that an MPI launcher started together with this one, which is rank 0, as far
// as a command knows them: which cores are this one's, and a pool of all workers.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "runner/cli/requests.h"
#include "runner/core/cpu_topology.h"
#include "runner/core/sweep.h"
#include "workers/start/ranks/muster.h"
#include "workers/start/ranks/ranked_pool.h"

namespace sweepd {

/// Whether this process is one of several, by what its environment says. Fails where they cannot find each
/// other.
Result<std::optional<Launch>> this_launch();

class LaunchedRanks {
 public:
  /// `socket`: of the relay. The others are not waited for yet.
  LaunchedRanks(UniqueFd socket, const Launch& launch) : socket_(std::move(socket)), launch_(launch) {}

  uint32_t count() const { return launch_.ranks; }
  /// Of these, the ones that share this rank's cores out, itself included; once it knows its own.
  uint32_t count_here() const { return shares_[0].count; }

  /// Waits for the others. The cpus that are this rank's, of those that its process may use.
  Result<CpuSet> own_cpus(const CpuTopology& topology, const CpuSet& allowed);

  /// Starts the workers of all ranks, `own` being those of this one. Fails where a rank cannot take part: its
  /// sweep directory is another folder, its cores are too few; and where a gang is larger than all their
  /// cores.
  Result<std::unique_ptr<WorkerPool>> start_pool(const Staffing& own, Duration silence);

  /// Whether the pool could not be started since a rank cannot take part, or all are too few.
  bool refused() const { return refused_; }
  /// By rank, once the pool has been started.
  const std::vector<RankCrew>& crews() const { return crews_; }

 private:
  /// Tells this rank's worker, which leads gangs, of the others' cores.
  Result<void> spread_gangs(Staffing& own);

  UniqueFd socket_;
  Launch launch_;
  std::optional<RankLink> link_;
  std::vector<CoreShare> shares_;  // by rank
  std::vector<RankCrew> crews_;    // by rank
  bool refused_ = false;
};

}  // namespace sweepd
