#include "runner/engine/inventory.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "runner/core/chunk_name.h"
#include "runner/core/space/digest.h"
#include "runner/core/xxh3.h"
#include "runner/engine/record_stream.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {

Result<Inventory> Inventory::of_chunks(const SweepDirectory& directory) {
  const std::string path = directory.chunks();
  const auto folder = open_trusted_folder(path);
  if (!folder) return tl::unexpected(folder.error());
  const auto names = names_in_folder(path);
  if (!names) return tl::unexpected(names.error());
  Inventory inventory;
  const std::string before = path + '/';
  for (const std::string& name : *names) {
    if (name != kept_file_name && !parse_chunk_file_name(name)) continue;
    const auto added = inventory.add(folder->get(), name, before + name);
    if (!added) return tl::unexpected(added.error());
  }
  std::sort(inventory.entries_.begin(), inventory.entries_.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return inventory;
}

Result<void> Inventory::add_merged(const SweepDirectory& directory) {
  for (const char* const name : {"results.json", "results.csv"}) {
    const std::string path = directory.file(name);
    if (const auto added = add(AT_FDCWD, path, path); !added) return tl::unexpected(added.error());
    entries_.back().name = name;  // the directory may be moved
  }
  return {};
}

/// What is not there has no bytes and no time.
Result<bool> Inventory::add(int folder, const std::string& name, const std::string& path) {
  struct stat status {};
  const bool is_there = fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (!is_there && errno != ENOENT) return refused("look at", path);
  constexpr int64_t second_ns = 1'000'000'000;
  entries_.push_back({name, static_cast<uint64_t>(status.st_size),
                      status.st_mtim.tv_sec * second_ns + status.st_mtim.tv_nsec});
  return is_there;
}

std::string Inventory::text() const {
  Digest digest("inventory");
  uint64_t bytes = 0;
  for (const Entry& entry : entries_) {
    digest.add(std::string_view(entry.name)).add(entry.bytes).add(static_cast<uint64_t>(entry.modified_ns));
    bytes += entry.bytes;
  }
  std::string digits(16, '0');
  write_hex(digest.value(), digits.data());
  return std::to_string(entries_.size()) + " files, " + std::to_string(bytes) + " bytes, " + digits;
}

bool is_as_merged(const SweepDirectory& directory, const Manifest& manifest) {
  auto seen = Inventory::of_chunks(directory);
  return seen && seen->add_merged(directory) && seen->text() == manifest.merged_files;
}

}  // namespace sweepd
