#include "runner/engine/chunk_swap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <vector>

#include "runner/platform/system_error.h"

namespace sweepd {
namespace {

constexpr const char* next_name = "chunks.next";
constexpr const char* removed_name = "chunks.removed";

std::string old_name(const Manifest& manifest) { return "chunks." + manifest.fingerprint; }

bool exists(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0;
}

Result<void> move(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? Result<void>{} : refused("rename", from);
}

Result<void> remove_tree(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);  // removes symbolic links, does not follow them
  if (error) return tl::unexpected(system_error("remove", path, error.value()));
  return {};
}

/// Renamed first: what is half removed must not be taken for chunks.
Result<void> remove_folder(const SweepDirectory& directory, const std::string& path) {
  const std::string removed = directory.file(removed_name);
  if (auto gone = remove_tree(removed); !gone) return gone;
  if (!exists(path)) return {};
  if (auto moved = move(path, removed); !moved) return moved;
  return remove_tree(removed);
}

}  // namespace

ChunkSwap::ChunkSwap(const SweepDirectory& directory)
    : directory_(directory), next_(directory.file(next_name)) {}

ChunkSwap::~ChunkSwap() { (void)remove_tree(next_); }

Result<void> ChunkSwap::begin() const {
  auto gone = remove_tree(next_);
  return gone ? directory_.make_folder(next_) : gone;
}

Result<void> ChunkSwap::commit(const Manifest& before, const Manifest& after) const {
  const std::string old = directory_.file(old_name(before));
  if (auto moved = move(directory_.chunks(), old); !moved) return moved;
  if (auto moved = move(next_, directory_.chunks()); !moved) return moved;
  if (auto written = directory_.write_manifest(after); !written) return written;
  return remove_folder(directory_, old);
}

Result<void> ChunkSwap::tidy_up(const SweepDirectory& directory, const Manifest& manifest) {
  const std::string old = directory.file(old_name(manifest));
  if (exists(old)) {
    // The manifest was not replaced, so the old folder counts; the other one holds nothing that it does not.
    if (auto gone = remove_folder(directory, directory.chunks()); !gone) return gone;
    if (auto moved = move(old, directory.chunks()); !moved) return moved;
  }
  std::vector<std::string> leftovers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path(), error))
    if (entry.path().filename().string().starts_with("chunks.")) leftovers.push_back(entry.path());
  for (const std::string& leftover : leftovers)
    if (auto gone = remove_folder(directory, leftover); !gone) return gone;
  return {};
}

}  // namespace sweepd
