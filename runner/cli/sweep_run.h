// One `sweepd run` of a sweep that is not finished yet, from recovery to the exit status.
#pragma once

#include "runner/cli/batch_job.h"
#include "runner/cli/launched_ranks.h"
#include "runner/cli/request_sweep.h"
#include "runner/cli/taken_directory.h"
#include "runner/engine/chunk_store.h"
#include "runner/platform/stop_signals.h"

namespace sweepd {

/// Runs what waits, merges and reports; returns the exit status. `batch` is null outside of a Slurm job,
/// `ranks` where this process was started once.
int finish_sweep(const RunRequest& request, const Job& job, TakenDirectory& taken, ChunkStore& store,
                 BatchJob* batch, LaunchedRanks* ranks, StopSignals& signals);

}  // namespace sweepd
