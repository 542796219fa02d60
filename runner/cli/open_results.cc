#include "runner/cli/open_results.h"

#include "runner/cli/messages.h"
#include "runner/engine/chunk_store.h"
#include "runner/engine/inventory.h"
#include "runner/platform/patience.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

tl::unexpected<Error> no_sweep(const SweepDirectory& directory) {
  const auto there = directory.exists();
  if (!there) return tl::unexpected(there.error());
  return failure(directory.path() +
                 (*there ? " is not a sweep directory (it has no manifest.json)" : " does not exist") +
                 "; give the folder that 'sweepd run' printed");
}

}  // namespace

Result<Manifest> open_manifest(const SweepDirectory& directory) {
  const auto stranger = directory.stranger();
  if (!stranger) return tl::unexpected(stranger.error());
  auto manifest = directory.read_manifest();
  const std::string whose =
      *stranger ? directory.path() + " belongs to " + user_name(**stranger) : std::string();
  if (!manifest && *stranger) return failure(manifest.error().text() + "; " + whose);
  if (!manifest) return tl::unexpected(manifest.error());
  if (!*manifest) return no_sweep(directory);
  if (*stranger) report_warning(whose);
  return std::move(**manifest);
}

uint64_t intact_records(const SweepDirectory& directory, const Manifest& manifest) {
  if (is_as_merged(directory, manifest)) return manifest.points;
  const auto chunks = open_chunks(directory, manifest);
  return chunks ? count_intact(*chunks) : 0;
}

void report_unnoticed(const SweepDirectory& directory, const Manifest& manifest) {
  if (!manifest.complete || !is_as_merged(directory, manifest)) return;
  report_warning(
      "sizes and times of the files are as they were when the sweep finished, and 'sweepd run' goes by "
      "these; "
      "before it, give: touch " +
      directory.chunks() + "/*.ndjson");
}

Result<ChunkFolder> open_chunks(const SweepDirectory& directory, const Manifest& manifest) {
  for (Patience patience;;) {
    const auto store = ChunkStore::open(directory, RecordOrigin(manifest.fingerprint));
    auto chunks = store ? store->list() : tl::unexpected(store.error());
    // What a run on another host has just made of the folder may not show yet.
    const bool is_short = manifest.complete && (!chunks || chunks->points() < manifest.points);
    if (!is_short || !patience.wait()) return chunks;
  }
}

}  // namespace sweepd
