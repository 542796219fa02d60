#include "runner/platform/trusted_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include "runner/platform/patience.h"
#include "runner/platform/system_error.h"

namespace sweepd {
namespace {

enum class Kind { file, folder };

bool is_own(uid_t owner) { return owner == geteuid() || owner == 0; }

bool is_trusted_in(const struct stat& folder, uid_t owner) {
  return owner == folder.st_uid || is_group_folder(folder.st_mode);
}

/// 0 for what may be read, else as open_trusted_at() says. `folder`: looks at the folder that it lies in.
template <typename Look>
int objection(const struct stat& status, Kind kind, const Look& folder) {
  if (S_ISLNK(status.st_mode)) return ELOOP;
  if (kind == Kind::folder && !S_ISDIR(status.st_mode)) return ENOTDIR;
  if (kind == Kind::file && S_ISDIR(status.st_mode)) return EISDIR;
  if (kind == Kind::file && !S_ISREG(status.st_mode)) return ENXIO;
  if (is_own(status.st_uid)) return 0;
  struct stat above {};
  if (!folder(above)) return errno;
  return is_trusted_in(above, status.st_uid) ? 0 : EPERM;
}

auto look_at_folder_of(const std::string& path) {
  return [&path](struct stat& above) { return stat(folder_of(path).c_str(), &above) == 0; };
}

template <typename Look>
UniqueFd open_checked_once(int folder, const std::string& name, Kind kind, const Look& above) {
  const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  UniqueFd fd(openat(folder, name.c_str(), flags | (kind == Kind::folder ? O_DIRECTORY : 0)));
  struct stat status {};
  int error = fd ? 0 : errno;
  if (fd) error = fstat(fd.get(), &status) == 0 ? objection(status, kind, above) : errno;
  if (error != 0) fd.reset();
  errno = error;
  return fd;
}

/// ESTALE: the file was replaced elsewhere. EWOULDBLOCK: whoever has a lease on it is told to give it up.
bool is_passing(int error) { return error == ESTALE || error == EWOULDBLOCK || error == EINTR; }

template <typename Look>
UniqueFd open_checked(int folder, const std::string& name, Kind kind, const Look& above) {
  for (Patience patience;;) {
    UniqueFd fd = open_checked_once(folder, name, kind, above);
    if (fd || !is_passing(errno) || !patience.wait()) return fd;
  }
}

/// What an open file holds; none with errno, which is EFBIG for more than `limit` bytes.
std::optional<std::string> text_in(int fd, uint64_t limit) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return std::nullopt;
  const auto size = static_cast<uint64_t>(status.st_size);
  std::string text;
  size_t used = size > limit ? size : 0;
  // One byte more than the size, so that the end shows in the first read.
  if (size <= limit) text.resize(size + 1);
  while (used <= limit) {
    if (used == text.size()) text.resize(std::max<size_t>(text.size() * 2, 4096));
    const ssize_t count = ::read(fd, text.data() + used, text.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    used += static_cast<size_t>(count);
  }
  if (used > limit) {
    errno = EFBIG;
    return std::nullopt;
  }
  text.resize(used);
  return text;
}

const char* kind_of(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link, and none is followed here";
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISREG(mode)) return "a file";
  return "a device";
}

Error wrong_kind(const std::string& path, const struct stat& status, Kind kind) {
  const std::string what = kind == Kind::folder ? "no folder" : "no regular file";
  return {path + " is " + kind_of(status.st_mode) + (S_ISLNK(status.st_mode) ? "" : ", and " + what) +
              "; take it away",
          {}};
}

Error not_trusted(const std::string& path, uid_t owner) {
  return {path + " belongs to " + user_name(owner) + ", whose files are not trusted here; take it away", {}};
}

Error not_opened(const std::string& path, int error, Kind kind) {
  const bool is_judged =
      error == ELOOP || error == EISDIR || error == ENXIO || error == EPERM || error == ENOTDIR;
  struct stat status {};
  if (is_judged && lstat(path.c_str(), &status) == 0) {
    const int why = objection(status, kind, look_at_folder_of(path));
    if (why == EPERM) return not_trusted(path, status.st_uid);
    if (why != 0) return wrong_kind(path, status, kind);
  }
  return system_error("open", path, error);
}

}  // namespace

Result<std::vector<std::string>> names_in_folder(const std::string& path) {
  return open_trusted_folder(path).and_then([&](UniqueFd&& fd) { return names_in(std::move(fd), path); });
}

Result<std::vector<std::string>> names_in(UniqueFd fd, const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(fdopendir(fd.get()), closedir);
  if (!folder) return refused("read", path);
  (void)fd.release();  // it is closed with the folder
  std::vector<std::string> names;
  for (errno = 0;;) {
    const dirent* const entry = readdir(folder.get());
    if (entry == nullptr && errno != 0) return refused("read", path);
    if (entry == nullptr) return names;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool is_group_folder(mode_t mode) { return (mode & S_IWGRP) != 0 && (mode & S_IWOTH) == 0; }

std::string user_name(uid_t user) {
  std::array<char, 4096> buffer;
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return "user " + std::to_string(user);
}

UniqueFd open_trusted_at(int folder, const std::string& name) {
  return open_checked(folder, name, Kind::file,
                      [folder](struct stat& above) { return fstat(folder, &above) == 0; });
}

Error not_opened(const std::string& path, int error) { return not_opened(path, error, Kind::file); }

Result<UniqueFd> open_trusted(const std::string& path) {
  UniqueFd fd = open_checked(AT_FDCWD, path, Kind::file, look_at_folder_of(path));
  if (!fd) return tl::unexpected(not_opened(path, errno, Kind::file));
  return fd;
}

Result<UniqueFd> open_trusted_folder(const std::string& path) {
  UniqueFd fd = open_checked(AT_FDCWD, path, Kind::folder, look_at_folder_of(path));
  if (!fd) return tl::unexpected(not_opened(path, errno, Kind::folder));
  return fd;
}

Result<std::optional<std::string>> read_file_if_there(const std::string& path, uint64_t limit) {
  for (Patience patience;;) {
    const UniqueFd fd = open_checked(AT_FDCWD, path, Kind::file, look_at_folder_of(path));
    if (!fd && errno == ENOENT) return std::nullopt;
    if (!fd) return tl::unexpected(not_opened(path, errno));
    auto text = text_in(fd.get(), limit);
    // A client may open what it remembers, and find out only now that it was replaced.
    if (!text && (errno == ESTALE || errno == ENOENT) && patience.wait()) continue;
    if (!text && errno == EFBIG)
      return failure("is larger than the " + std::to_string(limit) + " bytes that are read", {path, 0, 0});
    if (!text) return refused("read", path);
    return text;
  }
}

Result<std::string> read_file(const std::string& path, uint64_t limit) {
  auto text = read_file_if_there(path, limit);
  if (!text) return tl::unexpected(text.error());
  if (!*text) return tl::unexpected(not_opened(path, ENOENT));
  return std::move(**text);
}

std::optional<Error> unfit(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return std::nullopt;
  const int why = objection(status, Kind::file, look_at_folder_of(path));
  if (why == 0) return std::nullopt;
  return not_opened(path, why);
}

Result<bool> is_there(const std::string& path) {
  struct stat status {};
  if (retry_stale([&] { return lstat(path.c_str(), &status); }) == 0) return true;
  if (errno == ENOENT) return false;
  return refused("look at", path);
}

}  // namespace sweepd
