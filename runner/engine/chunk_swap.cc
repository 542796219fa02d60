#include "runner/engine/chunk_swap.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

std::string old_name(const Manifest& manifest) {
  return "/chunks." + (manifest.chunks_id.empty() ? manifest.fingerprint : manifest.chunks_id);
}

bool exists(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0;
}

Result<void> move(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? Result<void>{} : refused("rename", from);
}

/// Folders that nothing refers to any more.
Result<void> remove_leftovers(const SweepDirectory& directory, const std::string& folder) {
  // Whose the directory itself may be was looked at before.
  const auto names = folder == directory.path() ? directory.names() : names_in_folder(folder);
  if (!names) return tl::unexpected(names.error());
  const std::string before = folder + '/';
  for (const std::string& name : *names)
    if (name.starts_with("chunks."))
      if (auto gone = directory.staging().remove(before + name); !gone) return gone;
  return {};
}

}  // namespace

ChunkSwap::ChunkSwap(const SweepDirectory& directory)
    : directory_(directory), next_(directory.staging().path() + "/chunks.next") {}

ChunkSwap::~ChunkSwap() { (void)remove_tree(next_); }

Result<void> ChunkSwap::begin() const {
  auto gone = remove_tree(next_);
  return gone ? directory_.make_folder(next_) : gone;
}

Result<void> ChunkSwap::commit(const Manifest& before, Manifest& after) const {
  after.chunks_id = random_token();
  Staging& staging = directory_.staging();
  const std::string old = staging.path() + old_name(before);
  // A power failure must lose neither the name of the folder that the old one goes to, nor, once there is the
  // new manifest, the new one.
  if (auto synced = sync_folder(directory_.path()); !synced) return synced;
  if (auto moved = move(directory_.chunks(), old); !moved) return moved;
  if (auto moved = move(next_, directory_.chunks()); !moved) return moved;
  if (auto synced = sync_folder(directory_.path()); !synced) return synced;
  if (auto written = directory_.write_manifest(after); !written) return written;
  // Renamed first: what is half removed must not be taken for chunks.
  return staging.remove(old);
}

Result<void> ChunkSwap::restore(const SweepDirectory& directory, const std::string& folder) {
  const auto manifest = directory.read_manifest();
  if (!manifest) return tl::unexpected(manifest.error());
  if (!*manifest) return {};
  const std::string old = folder + old_name(**manifest);
  if (exists(old)) {
    // The manifest was not replaced, so the old folder counts; the other one holds nothing that it does not.
    if (auto gone = directory.staging().remove(directory.chunks()); !gone) return gone;
    if (auto moved = move(old, directory.chunks()); !moved) return moved;
  }
  return remove_leftovers(directory, folder);
}

}  // namespace sweepd
