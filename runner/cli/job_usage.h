// What a run used of the Slurm job it ran in, and what to ask for next time.
#pragma once

#include <cstdint>

#include "runner/cli/batch_job.h"
#include "runner/cli/request_sweep.h"
#include "runner/engine/run_sweep.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

/// Of the whole job: on all its nodes, also those where nothing ran. `waiting_points`: what this run began
/// with.
JobUsage job_usage(const BatchJob& batch, const Crew& crew, const WorkerOptions& workers,
                   const RunTotals& totals, uint64_t waiting_points);

/// The last lines of a run in a job.
void report_usage(const JobUsage& usage);

}  // namespace sweepd
