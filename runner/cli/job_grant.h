// What Slurm granted to this process, as far as a run has to heed it: cores it is not to exceed, and memory
// that its workers share. Outside of a job there is nothing to heed.
#pragma once

#include <optional>
#include <string>

#include "runner/core/granted_cores.h"
#include "runner/core/sweep.h"
#include "slurm/process_grant.h"

namespace sweepd {

/// The part of this process, where so many share what it has.
Result<std::optional<ProcessGrant>> find_job_grant(uint32_t processes = 1);

/// Fails where more is asked for than was granted, with both numbers. `options` are this process's part of
/// `all`.
Result<void> check_count(const WorkerOptions& all, const WorkerOptions& options, const GrantedCores& cores,
                         const ProcessGrant& grant);

/// `4 cores on n1`, `8 hardware threads (4 cores) on n1`
std::string granted_text(const GrantedCores& cores, const ProcessGrant& grant);

/// That Slurm lets this process use more than it granted, and what is made of that. None where it does not.
std::optional<std::string> not_held_warning(const WorkerOptions& options, const GrantedCores& cores,
                                            const ProcessGrant& grant);

/// Of each of `workers`: its part of the memory that was granted, less a twentieth for sweepd itself. So one
/// point that grows is ended, and not the whole job.
std::optional<uint64_t> memory_share(size_t workers, const ProcessGrant& grant);

/// That with the file's limits.memory the workers together may exceed the grant.
std::optional<std::string> memory_warning(const Limits& limits, size_t workers, const ProcessGrant& grant);

/// `972 MiB a worker, of the 4096 MiB that job 12 was granted on n1`; of the file's limit without where from.
/// None where there is no limit.
std::optional<std::string> memory_limit_text(const Limits& limits, const WorkerShare& share,
                                             const std::optional<ProcessGrant>& grant);

}  // namespace sweepd
