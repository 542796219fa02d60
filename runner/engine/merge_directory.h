// All that is written once records are there: results.json, results.csv and summary.json.
#pragma once

#include <functional>

#include "runner/core/sweep.h"
#include "runner/engine/merger.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

/// Writes results.json and results.csv only. Fine while a run works in the directory. `meanwhile` is called
/// several times a second.
Result<MergeOutcome> merge_records(const Sweep& sweep, const SweepDirectory& directory,
                                   const ChunkFolder& chunks, const std::function<void()>& meanwhile = {});

/// Merges the records of `chunks` (of files being written: the complete ones) and writes summary.json and
/// the manifest, whose `complete` it sets.
Result<MergeOutcome> merge_directory(const Sweep& sweep, const SweepDirectory& directory,
                                     const ChunkFolder& chunks, Manifest& manifest,
                                     const std::function<void()>& meanwhile = {});

/// Writes summary.json and the manifest of what is merged already: sessions have been added to it.
Result<void> write_sessions(const SweepDirectory& directory, const Manifest& manifest);

}  // namespace sweepd
