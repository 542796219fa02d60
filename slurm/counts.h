// Slurm's short form for one number a node, such as `72(x2),36` (SLURM_JOB_CPUS_PER_NODE and
// SLURM_TASKS_PER_NODE, sbatch(1)).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "runner/core/error.h"

namespace sweepd {

/// One number for each node, in the order of the node list: 72, 72, 36. Fails on anything else, with the
/// place counted in characters from 1, and on more numbers than there may be nodes (node_list.h).
Result<std::vector<uint32_t>> parse_counts(std::string_view text);

}  // namespace sweepd
