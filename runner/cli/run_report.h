// What `sweepd run` prints at its end: a short summary, the reduced table and where the results are.
#pragma once

#include <string>

#include "runner/core/sweep.h"
#include "runner/engine/merger.h"
#include "runner/engine/run_sweep.h"

namespace sweepd {

void report_run(const Sweep& sweep, const std::string& directory, const RunTotals& totals,
                const MergeOutcome& outcome);
/// That others run the rest of a shared sweep and merge.
void report_left(const Sweep& sweep, const RunTotals& totals);

/// That nothing is lost, and by which command the sweep is carried on.
void report_carry_on(const std::string& command);
void report_finished_before(const Sweep& sweep, const std::string& directory, const MergeCounts& counts,
                            const ReducedRows& reduced);

}  // namespace sweepd
