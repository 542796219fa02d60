// RankStart: how the batch script of a job, or a shell of salloc, starts the ranks of a sweep on the nodes
// that were granted. Pure: starts nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/sweep.h"
#include "slurm/allocation.h"

namespace sweepd {

/// Whether ranks are started: there are several nodes, or the sweep file asks for a rank a core or for a
/// launcher. On one node the batch script's own workers do the same with less; from a shell of salloc, which
/// is on none, even one node is reached in this way only.
bool wants_ranks(const Allocation& allocation, const SlurmOptions& options);

/// Whose mpirun is the one in PATH: their options differ.
enum class Mpirun { hydra, open_mpi };

/// By what `mpirun --version` prints.
Mpirun mpirun_of(std::string_view version);

struct RankStart {
  uint64_t ranks = 1;
  /// The launcher and its options; the command of the ranks follows.
  std::vector<std::string> words;
  /// For the launcher's environment: NAME=value to be set, NAME alone to be taken out.
  std::vector<std::string> settings;
};

/// srun, or mpirun where asked for. One rank a node that has all granted cpus of it, or a rank for every
/// `cores` cpus. Of srun: --mpi=pmi2, which is MPICH's, unless SLURM_MPI_TYPE says otherwise
/// (`mpi_is_chosen`); one rank needs no MPI. A rank that dies does not end the others (--kill-on-bad-exit=0),
/// nor does a node (--no-kill) where the job itself was submitted so. Where nodes have equally many cpus,
/// each rank is bound to its own; else no number is right for all (--cpus-per-task), and ranks keep to what
/// was granted by themselves. Slurm 22.05 to 23.02 take that number from SRUN_CPUS_PER_TASK or the option,
/// others also from the job's; mpirun's own helpers, which it starts by srun, have it from the variable.
RankStart rank_start(const Allocation& allocation, const SlurmOptions& options, uint32_t cores,
                     bool mpi_is_chosen, Mpirun mpirun = Mpirun::hydra);

}  // namespace sweepd
