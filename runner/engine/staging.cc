#include "runner/engine/staging.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "runner/core/chunk_name.h"
#include "runner/engine/sweep_directory.h"
#include "runner/platform/clock.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {
namespace {

constexpr std::string_view prefix = "staging.";
constexpr std::string_view unnamed_suffix = ".new";
constexpr int64_t renew_every_ns = 500'000'000;

/// Goes on while the machine sleeps, as the others do not.
int64_t passing_ns() { return nanoseconds(CLOCK_BOOTTIME); }

/// In a folder that was just made.
Result<void> write_run_file(const std::string& path, const std::string& text) {
  const UniqueFd folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder || !make_run_file(folder.get(), Staging::run_file_name, text))
    return refused("make a file in", path);
  // Others go by what it says, also after a power failure.
  const UniqueFd file(openat(folder.get(), Staging::run_file_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file || (fdatasync(file.get()) != 0 && errno != EINVAL)) return refused("sync a file in", path);
  return {};
}

/// Records that nobody has committed, or what a change that was cut short has moved away.
bool is_to_be_saved(const std::string& name) {
  return parse_part_file_name(name) || name.starts_with(salvaged_kind) || name.starts_with(aside_kind) ||
         (name.starts_with("chunks.") && name != "chunks.next");
}

}  // namespace

std::string staging_path(const std::string& directory, std::string_view token) {
  return directory + '/' + std::string(prefix) + std::string(token);
}

std::string_view staging_token(std::string_view name) {
  if (!name.starts_with(prefix)) return {};
  name.remove_prefix(prefix.size());
  return is_token(name) ? name : std::string_view{};
}

bool is_unnamed_staging(std::string_view name) {
  return name.starts_with(prefix) && name.ends_with(unnamed_suffix);
}

Result<std::shared_ptr<Staging>> Staging::make(const SweepDirectory& directory) {
  RunIdentity self = RunIdentity::make();
  const std::string path = staging_path(directory.path(), self.token);
  // Under another name first, so that one of its own name always says whose it is.
  const std::string unnamed = path + std::string(unnamed_suffix);
  auto made = directory.make_folder(unnamed);
  if (made) made = write_run_file(unnamed, self.text());
  if (made && rename(unnamed.c_str(), path.c_str()) != 0) made = refused("make", path);
  if (!made) {
    (void)remove_tree(unnamed);
    return tl::unexpected(made.error());
  }
  std::shared_ptr<Staging> staging(new Staging(path, std::move(self)));
  if (!staging->renew()) return refused("reach", path);
  return staging;
}

Staging::~Staging() {
  const auto names = names_in_folder(path_);
  if (names && std::any_of(names->begin(), names->end(), is_to_be_saved))
    unlink(run_file().c_str());  // whoever finds the folder need not wait to see whether this run lives
  else
    (void)remove_tree(path_);
}

bool Staging::renew() {
  const int64_t now_ns = passing_ns();
  const std::string file = run_file();
  const bool renewed = utimensat(AT_FDCWD, file.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) == 0;
  // What cannot be reached for the moment (a file server that does not answer) is not believed lost.
  if (!renewed) return errno != ENOENT && errno != ESTALE && errno != ENOTDIR;
  kept_alive_ns_ = now_ns;
  struct stat status {};
  if (lstat(file.c_str(), &status) == 0) renewed_ns_ = nanoseconds(status.st_mtim);
  return true;
}

bool Staging::keep_alive() { return passing_ns() - kept_alive_ns_ < renew_every_ns || renew(); }

std::string Staging::new_name(std::string_view kind) {
  return path_ + '/' + std::string(kind) + '.' + std::to_string(++names_);
}

Result<void> Staging::move(const std::string& from, const std::string& to) {
  const std::string moving = new_name("moving");
  if (rename(from.c_str(), moving.c_str()) != 0 || rename(moving.c_str(), to.c_str()) != 0)
    return refused("rename", from);
  return {};
}

Result<void> Staging::remove(const std::string& path) {
  const std::string removed = new_name("removed");
  if (rename(path.c_str(), removed.c_str()) == 0) {
    const auto gone = remove_tree(removed);
    // It is out of the way. Of a file that is still read a network file system keeps a name until it is
    // closed.
    const bool is_read = !gone && (errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY);
    return is_read ? Result<void>{} : gone;
  }
  // It is not there, unless this run's own folder is what is not.
  if (errno == ENOENT && access(run_file().c_str(), F_OK) == 0) return {};
  return refused("remove", path);
}

Result<void> remove_tree(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);  // removes symbolic links, does not follow them
  if (!error || error == std::errc::no_such_file_or_directory) return {};
  errno = error.value();
  return refused("remove", path);
}

}  // namespace sweepd
