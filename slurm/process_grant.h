// ProcessGrant: the part of a job's allocation that is for one process. Numbers in, numbers out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "slurm/allocation.h"

namespace sweepd {

struct ProcessGrant {
  uint32_t job = 0;
  std::string node;
  std::optional<uint32_t> cpus;        ///< as Slurm counts them; none: not known
  std::optional<uint64_t> memory_mib;  ///< none: not limited, or not known
};

/// A batch script has all of the job on its node; a task of a step has its part, with the other tasks there,
/// of the step's processors (SLURM_CPUS_ON_NODE in srun(1); no more than the job has there) and of the memory
/// that goes with these. `processes` of them share it, where that is more than Slurm knows of: mpirun's are
/// one task to Slurm on each node. None where the process is on no granted node.
std::optional<ProcessGrant> process_grant(const Allocation& allocation, uint32_t processes = 1);

}  // namespace sweepd
