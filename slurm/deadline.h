// When a job has to be over, of what is known. Knows no clock and asks nobody.
#pragma once

#include <cstdint>
#include <optional>

#include "slurm/allocation.h"
#include "slurm/job_record.h"

namespace sweepd {

/// Seconds since 1970 at which Slurm ends the job: what the controller said, since a time limit may have been
/// changed while the job runs, else what the job's environment says (SLURM_JOB_END_TIME, since 23.02). None
/// where there is no limit or none is known.
std::optional<int64_t> deadline(const Allocation& allocation, const std::optional<JobRecord>& record);

}  // namespace sweepd
