// A run's part of manifest.json.
#pragma once

#include <string>
#include <vector>

#include "runner/core/sweep.h"
#include "runner/engine/run_sweep.h"
#include "runner/engine/sweep_directory.h"
#include "workers/start/ranks/muster.h"

namespace sweepd {

/// Begins now. `crews`: of all ranks.
Session new_session(StartMethod method, const std::vector<RankCrew>& crews);

/// Ends now. Added to what it had: a run that shares its sweep may take up work more than once.
void close_session(Session& session, const RunTotals& totals);

}  // namespace sweepd
