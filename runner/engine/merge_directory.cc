#include "runner/engine/merge_directory.h"

#include "runner/engine/summary.h"
#include "runner/platform/atomic_file.h"

namespace sweepd {

Result<MergeOutcome> merge_directory(const Sweep& sweep, const SweepDirectory& directory,
                                     const std::vector<ChunkFile>& files, Manifest& manifest) {
  auto merger = Merger::create(sweep, directory.path());
  if (!merger) return tl::unexpected(merger.error());
  for (const ChunkFile& file : files)
    if (auto added = merger->add(file); !added) return tl::unexpected(added.error());
  auto outcome = merger->finish();
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
