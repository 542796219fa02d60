#include "runner/engine/takeover.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "runner/core/chunk_name.h"
#include "runner/engine/chunk_store.h"
#include "runner/engine/chunk_swap.h"
#include "runner/engine/directory_lock.h"
#include "runner/engine/set_aside.h"
#include "runner/engine/staging.h"
#include "runner/platform/atomic_file.h"
#include "runner/platform/clock.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {
namespace {

int64_t changed_ns(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 ? nanoseconds(status.st_mtim) : 0;
}

/// Takes what is in the folder of one dead run to the caller's own. Everything is moved there, also what is
/// to be removed: a caller that was taken over itself moves nothing.
class Clearing {
 public:
  Clearing(const SweepDirectory& directory, std::string folder)
      : directory_(directory), staging_(directory.staging()), folder_(std::move(folder)) {}

  /// As often as it takes: a run that is not dead may go on making files until the folder is gone.
  Result<void> run() {
    for (;;) {
      const auto names = names_in_folder(folder_);
      if (!names && access(folder_.c_str(), F_OK) != 0 && errno == ENOENT) return {};  // by another run
      if (!names) return tl::unexpected(names.error());
      for (const std::string& name : *names) {
        if (!staging_.keep_alive()) return refused("reach", staging_.path());
        if (auto taken = take(name); !taken) return taken;
      }
      if (auto synced = sync_taken(); !synced) return synced;
      if (rmdir(folder_.c_str()) == 0 || errno == ENOENT) return {};
      // Unless something has come meanwhile, which file systems tell by errors of their own.
      const int error = errno;
      if (const auto come = names_in_folder(folder_); come && come->empty())
        return tl::unexpected(system_error("remove", folder_, error));
    }
  }

 private:
  Result<void> take(const std::string& name) {
    const std::string path = folder_ + '/' + name;
    if (parse_part_file_name(name)) return take_part(name);
    for (const char* kind : {salvaged_kind, aside_kind})
      if (name.starts_with(kind)) return move(path, staging_.new_name(kind));
    if (name.starts_with("chunks.") && name != "chunks.next") return move(path, staging_.path() + '/' + name);
    return staging_.remove(path);
  }

  /// Before the folder that it comes from is removed.
  Result<void> sync_taken() const {
    if (!parts_.empty())
      if (auto synced = sync_folder(parts_); !synced) return synced;
    return sync_folder(staging_.path());
  }

  Result<void> take_part(const std::string& name) {
    if (parts_.empty()) {
      parts_ = staging_.new_name(salvaged_kind);
      if (auto made = directory_.make_folder(parts_); !made) return made;
      if (auto synced = sync_folder(staging_.path()); !synced) return synced;
    }
    return move(folder_ + '/' + name, parts_ + '/' + name);
  }

  Result<void> move(const std::string& from, const std::string& to) {
    if (rename(from.c_str(), to.c_str()) == 0) return {};
    // Another run has taken it, unless this run's own folder is what is gone.
    if (errno == ENOENT && staging_.renew()) return {};
    return refused("move", from);
  }

  const SweepDirectory& directory_;
  Staging& staging_;
  std::string folder_;
  std::string parts_;  // where its part files go
};

/// Commits the part files in a folder, and removes it.
Result<void> salvage_all(const ChunkStore& store, Staging& staging, const std::string& folder) {
  const auto names = names_in_folder(folder);
  if (!names) return tl::unexpected(names.error());
  for (const std::string& name : *names)
    if (const auto part = parse_part_file_name(name))
      if (const auto salvaged = store.salvage_in(folder, *part); !salvaged)
        return tl::unexpected(salvaged.error());
  return staging.remove(folder);
}

bool is_salvaged(const std::string& name) { return name.starts_with(salvaged_kind); }

Result<void> remove_salvaged(Staging& staging, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (is_salvaged(name))
      if (auto removed = staging.remove(staging.path() + '/' + name); !removed) return removed;
  return {};
}

/// Puts what was taken from the dead in its place: first what a change that was cut short has moved away,
/// since it decides what the directory is of.
Result<void> settle(const SweepDirectory& directory) {
  Staging& staging = directory.staging();
  const auto names = names_in_folder(staging.path());
  if (!names) return tl::unexpected(names.error());
  for (const std::string& name : *names)
    if (name.starts_with(aside_kind))
      if (auto restored = restore_set_aside(directory, staging.path() + '/' + name); !restored)
        return restored;
  if (auto restored = ChunkSwap::restore(directory, staging.path()); !restored) return restored;
  if (auto synced = sync_folder(directory.path()); !synced) return synced;
  const auto manifest = directory.read_manifest();
  if (!manifest) return tl::unexpected(manifest.error());
  // Without a manifest nothing was run.
  if (std::none_of(names->begin(), names->end(), is_salvaged)) return {};
  if (!*manifest) return remove_salvaged(staging, *names);
  if (auto made = directory.make_chunks(); !made) return made;
  const auto store = ChunkStore::open(directory, RecordOrigin((*manifest)->fingerprint));
  if (!store) return tl::unexpected(store.error());
  for (const std::string& name : *names)
    if (is_salvaged(name))
      if (auto salvaged = salvage_all(*store, staging, staging.path() + '/' + name); !salvaged)
        return salvaged;
  return {};
}

}  // namespace

OtherRun look_at_run(const std::string& directory, std::string_view token, int64_t now_ns) {
  OtherRun run{.token = std::string(token)};
  const std::string path = staging_path(directory, token);
  const UniqueFd folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  run.has_folder = folder || (errno != ENOENT && errno != ESTALE);
  auto file = folder ? read_run_file(folder.get(), Staging::run_file_name) : std::nullopt;
  if (!file && (errno == ENOENT || errno == ESTALE)) return run;
  if (!file) file.emplace(RunFile{"", changed_ns(path)});  // it says nothing
  if (auto identity = RunIdentity::parse(file->text)) run.identity.push_back(std::move(*identity));
  run.renewed_ns = file->renewed_ns;
  run.life = life_of(*file, now_ns);
  return run;
}

Result<void> clear_runs(const SweepDirectory& directory, const std::vector<std::string>& tokens) {
  if (tokens.empty()) return {};
  // What is taken must be found after a power failure, and so must the folder that it goes to.
  if (auto synced = sync_folder(directory.path()); !synced) return synced;
  for (const std::string& token : tokens)
    if (auto cleared = Clearing(directory, staging_path(directory.path(), token)).run(); !cleared)
      return cleared;
  // Not before the folder is gone: without its lock a run that wakes up would be unknown to the next one.
  for (const std::string& token : tokens)
    if (auto removed = directory.remove(lock_name(token)); !removed) return removed;
  return settle(directory);
}

Result<void> clear_dead_runs(const SweepDirectory& directory) {
  directory.staging().renew();
  const auto names = directory.names();
  if (!names) return tl::unexpected(names.error());
  std::vector<std::string> dead;
  for (const std::string& name : *names) {
    const std::string_view token = staging_token(name);
    if (token.empty() || token == directory.staging().token()) continue;
    if (look_at_run(directory.path(), token, directory.staging().renewed_ns()).life == Life::dead)
      dead.emplace_back(token);
  }
  return clear_runs(directory, dead);
}

}  // namespace sweepd
