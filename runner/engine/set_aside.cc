#include "runner/engine/set_aside.h"

#include <limits.h>

#include <cerrno>

#include "runner/engine/directory_lock.h"
#include "runner/engine/staging.h"
#include "runner/platform/atomic_file.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

std::string path_in(const std::string& folder, const std::string& name) { return folder + '/' + name; }

/// Moves whatever `is_meant` from one folder to another.
template <typename IsMeant>
Result<void> move_all(const Result<std::vector<std::string>>& names, const std::string& from,
                      const std::string& to, IsMeant is_meant) {
  if (!names) return tl::unexpected(names.error());
  for (const std::string& name : *names) {
    if (!is_meant(name)) continue;
    const std::string before = path_in(from, name), after = path_in(to, name);
    if (rename(before.c_str(), after.c_str()) != 0 && errno != ENOENT) return refused("move", before);
  }
  return {};
}

/// A name may have so many bytes; of a longer one the end of `path` goes.
std::string with_suffix(const std::string& path, const std::string& suffix) {
  const size_t name = path.rfind('/') + 1;  // 0 where there is no slash
  return path.substr(0, name) + path.substr(name).substr(0, NAME_MAX - suffix.size()) + suffix;
}

bool is_of_runs(const std::string& name) { return name.starts_with("staging.") || is_lock_name(name); }

}  // namespace

Result<std::optional<std::string>> set_aside(const SweepDirectory& directory) {
  const auto has_sweep = directory.has_sweep();
  if (!has_sweep) return tl::unexpected(has_sweep.error());
  if (!*has_sweep) return std::nullopt;
  const std::string made = directory.staging().new_name(aside_kind);
  if (auto folder = directory.make_folder(made); !folder) return tl::unexpected(folder.error());
  // After a power failure all of it is here, or there, or in this run's folder to be moved back.
  for (const std::string& folder : {directory.path(), directory.staging().path()})
    if (auto synced = sync_folder(folder); !synced) return tl::unexpected(synced.error());
  const auto moved = move_all(directory.names(), directory.path(), made,
                              [](const std::string& name) { return !is_of_runs(name); });
  if (!moved) return tl::unexpected(moved.error());
  if (auto synced = sync_folder(made); !synced) return tl::unexpected(synced.error());
  for (int number = 1;; ++number) {
    const std::string aside = with_suffix(directory.path(), ".before-" + std::to_string(number));
    const auto taken = is_there(aside);
    if (!taken) return tl::unexpected(taken.error());
    if (*taken) continue;
    if (rename(made.c_str(), aside.c_str()) == 0) {
      if (auto synced = sync_folder(folder_of(aside)); !synced) return tl::unexpected(synced.error());
      return aside;
    }
    // Unless another run took the name meanwhile, which file systems tell by errors of their own.
    const int error = errno;
    if (const auto now = is_there(aside); !now || !*now)
      return tl::unexpected(system_error("set aside", directory.path(), error));
  }
}

Result<void> restore_set_aside(const SweepDirectory& directory, const std::string& folder) {
  return move_all(names_in_folder(folder), folder, directory.path(), [](const std::string&) { return true; });
}

}  // namespace sweepd
