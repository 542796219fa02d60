// RankStart: how the batch script of a job starts the ranks of a sweep on the nodes that were granted. Pure:
// starts nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/core/sweep.h"
#include "slurm/allocation.h"

namespace sweepd {

/// Whether a job's batch script starts ranks: there are several nodes, or the sweep file asks for a rank a
/// core or for a launcher. On one node its own workers do the same with less.
bool wants_ranks(const Allocation& allocation, const SlurmOptions& options);

struct RankStart {
  /// The launcher and its options; the command of the ranks follows.
  std::vector<std::string> words;
  /// For the launcher's environment: NAME=value to be set, NAME alone to be taken out.
  std::vector<std::string> settings;
};

/// srun, or mpirun where asked for. One rank a node that has all granted cpus of it, or a rank for every
/// `cores` cpus. Of srun: --mpi=pmi2, which is MPICH's, unless SLURM_MPI_TYPE says otherwise
/// (`mpi_is_chosen`). A rank that dies does not end the others (--kill-on-bad-exit=0), nor does a node
/// (--no-kill) where the job itself was submitted so. Where nodes have equally many cpus, each rank is bound
/// to its own; else no number is right for all (--cpus-per-task), and ranks keep to what was granted by
/// themselves. Slurm 22.05 to 23.02 take that number from SRUN_CPUS_PER_TASK or the option, others also from
/// the job's.
RankStart rank_start(const Allocation& allocation, const SlurmOptions& options, uint32_t cores,
                     bool mpi_is_chosen);

}  // namespace sweepd
