#include "runner/engine/merge_directory.h"

#include "runner/engine/summary.h"
#include "runner/platform/atomic_file.h"

namespace sweepd {

Result<MergeOutcome> merge_records(const Sweep& sweep, const SweepDirectory& directory,
                                   const ChunkFolder& chunks) {
  auto merger = Merger::create(sweep, directory.path());
  if (!merger) return tl::unexpected(merger.error());
  RecordStream records(chunks);
  if (auto added = merger->add(records); !added) return tl::unexpected(added.error());
  return merger->finish();
}

Result<MergeOutcome> merge_directory(const Sweep& sweep, const SweepDirectory& directory,
                                     const ChunkFolder& chunks, Manifest& manifest) {
  auto outcome = merge_records(sweep, directory, chunks);
  if (!outcome) return outcome;
  manifest.complete = outcome->complete;
  manifest.ok = outcome->counts.ok;
  manifest.failed = outcome->counts.failed;
  auto written = write_file(directory.file("summary.json"), summary_json(manifest), Durability::contents);
  // Last, so that a manifest that says "complete" is always true.
  if (written) written = directory.write_manifest(manifest);
  if (!written) return tl::unexpected(written.error());
  return outcome;
}

}  // namespace sweepd
