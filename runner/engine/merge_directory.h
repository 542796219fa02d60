// All that is written once records are there: results.json, results.csv and summary.json.
#pragma once

#include "runner/core/sweep.h"
#include "runner/engine/merger.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

/// Merges the chunk files given (of those being written: the complete records) and writes summary.json and
/// the manifest, whose `complete` it sets.
Result<MergeOutcome> merge_directory(const Sweep& sweep, const SweepDirectory& directory,
                                     const std::vector<ChunkFile>& files, Manifest& manifest);

}  // namespace sweepd
