#include "runner/cli/open_results.h"

#include "runner/engine/chunk_store.h"

namespace sweepd {

Result<Manifest> open_manifest(const SweepDirectory& directory) {
  auto manifest = directory.read_manifest();
  if (!manifest) return tl::unexpected(manifest.error());
  if (!*manifest)
    return failure(
        directory.path() +
        (directory.exists() ? " is not a sweep directory (it has no manifest.json)" : " does not exist") +
        "; give the folder that 'sweepd run' printed");
  return std::move(**manifest);
}

Result<ChunkFolder> open_chunks(const SweepDirectory& directory, const Manifest& manifest) {
  const auto store = ChunkStore::open(directory.chunks(), RecordOrigin(manifest.fingerprint));
  if (!store) return tl::unexpected(store.error());
  return store->list();
}

}  // namespace sweepd
