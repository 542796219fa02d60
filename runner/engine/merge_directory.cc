#include "runner/engine/merge_directory.h"

#include "runner/engine/inventory.h"
#include "runner/engine/summary.h"

namespace sweepd {

Result<MergeOutcome> merge_records(const Sweep& sweep, const SweepDirectory& directory,
                                   const ChunkFolder& chunks, const std::function<void()>& meanwhile) {
  auto merger = Merger::create(sweep, directory);
  if (!merger) return tl::unexpected(merger.error());
  merger->call_meanwhile(meanwhile);
  RecordStream records(chunks);
  if (auto added = merger->add(records); !added) return tl::unexpected(added.error());
  return merger->finish();
}

Result<MergeOutcome> merge_directory(const Sweep& sweep, const SweepDirectory& directory,
                                     const ChunkFolder& chunks, Manifest& manifest,
                                     const std::function<void()>& meanwhile) {
  // Before they are read: what is changed after that is noticed.
  auto seen = Inventory::of_chunks(directory);
  auto outcome = merge_records(sweep, directory, chunks, meanwhile);
  if (!outcome) return outcome;
  for (size_t i = 0; i < manifest.codes.size(); ++i)
    manifest.codes[i].points = i + 1 < outcome->of_code.size() ? outcome->of_code[i + 1] : 0;
  manifest.merged_files = seen && seen->add_merged(directory) ? seen->text() : "";
  manifest.complete = outcome->complete;
  manifest.ok = outcome->counts.ok;
  manifest.failed = outcome->counts.failed;
  if (auto written = write_sessions(directory, manifest); !written) return tl::unexpected(written.error());
  return outcome;
}

Result<void> write_sessions(const SweepDirectory& directory, const Manifest& manifest) {
  const auto written = directory.write("summary.json", summary_json(manifest), Durability::contents);
  // Last, so that a manifest that says "complete" is always true.
  return written ? directory.write_manifest(manifest) : written;
}

}  // namespace sweepd
