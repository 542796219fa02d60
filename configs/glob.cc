#include "configs/glob.h"

#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>

#include "configs/name_pattern.h"
#include "runner/core/printable.h"

namespace sweepd {
namespace {

using Parts = std::span<const std::string>;

struct Entry {
  std::string name;
  unsigned char type;  ///< DT_DIR and the like
};

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

/// The pattern between its slashes.
std::vector<std::string> parts_of(const std::string& pattern) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin < pattern.size();) {
    const size_t end = std::min(pattern.find('/', begin), pattern.size());
    const std::string part = pattern.substr(begin, end - begin);
    const bool is_said = part.empty() || (part == "**" && !parts.empty() && parts.back() == part);
    if (!is_said) parts.push_back(part);
    begin = end + 1;
  }
  if (!parts.empty() && parts.back() == "**") parts.emplace_back("*");
  return parts;
}

bool is_sweep_directory(const std::string& path) {
  return ::access((path + "/manifest.json").c_str(), F_OK) == 0 &&
         ::access((path + "/sweep.yaml").c_str(), F_OK) == 0;
}

/// Also of a link that leads nowhere.
bool is_missing(int error) { return error == ENOENT || error == ENOTDIR || error == ELOOP; }

/// Walks down the folders. A path that ends in a slash, or is empty, is a folder to go on from.
class Walk {
 public:
  Walk(const std::string& directory, bool folders_only, const GlobLimits& limits)
      : directory_(directory), folders_only_(folders_only), limits_(limits) {}

  Result<void> from(const std::string& path, Parts rest, size_t depth = 0) {
    const std::string& part = rest[0];
    if (part == "**") return any_depth(path, rest, depth);
    if (!is_name_pattern(part)) return take(path + part, DT_UNKNOWN, rest.subspan(1));
    const Result<std::vector<Entry>> entries = list(path);
    if (!entries) return tl::unexpected(entries.error());
    for (const Entry& entry : *entries) {
      if (!matches_name(part, entry.name) || is_passed_over(path + entry.name, entry.type)) continue;
      if (Result<void> taken = take(path + entry.name, entry.type, rest.subspan(1)); !taken) return taken;
    }
    return {};
  }

  std::vector<std::string> paths;

 private:
  std::string full(const std::string& path) const {
    return path.starts_with('/') ? path : directory_ + "/" + path;
  }

  bool is_folder(const std::string& path, unsigned char type) const {
    struct stat status {};
    if (type == DT_DIR) return true;
    if (type != DT_LNK && type != DT_UNKNOWN) return false;
    return ::stat(full(path).c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  }
  bool is_passed_over(const std::string& path, unsigned char type) const {
    return is_folder(path, type) && is_sweep_directory(full(path));
  }
  Result<bool> is_there(const std::string& path) const {
    struct stat status {};
    if (::lstat(full(path).c_str(), &status) == 0) return true;
    return is_missing(errno) ? Result<bool>(false) : cannot_look_at(path);
  }

  /// A path that matches so far; `rest` is left of the pattern.
  Result<void> take(const std::string& path, unsigned char type, Parts rest) {
    const bool may_be_folder = type == DT_DIR || type == DT_LNK || type == DT_UNKNOWN;
    if (!rest.empty()) return may_be_folder ? from(path + "/", rest) : Result<void>();
    if (folders_only_ && !is_folder(path, type)) return {};
    const Result<bool> is_found = type == DT_UNKNOWN ? is_there(path) : true;
    if (!is_found) return tl::unexpected(is_found.error());
    if (*is_found) paths.push_back(folders_only_ ? path + "/" : path);
    if (paths.size() <= limits_.paths) return {};
    return failure("there are more than " + std::to_string(limits_.paths) + " paths");
  }

  Result<void> any_depth(const std::string& path, Parts rest, size_t depth) {
    if (depth > limits_.depth)
      return failure("there are folders more than " + std::to_string(limits_.depth) + " deep");
    if (Result<void> here = from(path, rest.subspan(1)); !here) return here;
    const Result<std::vector<Entry>> entries = list(path);
    if (!entries) return tl::unexpected(entries.error());
    for (const Entry& entry : *entries) {
      const std::string below = path + entry.name;
      const bool is_followed = entry.type == DT_DIR || (entry.type == DT_UNKNOWN && is_own_folder(below));
      if (!is_followed || entry.name.starts_with('.') || is_sweep_directory(full(below))) continue;
      if (Result<void> found = any_depth(below + "/", rest, depth + 1); !found) return found;
    }
    return {};
  }
  bool is_own_folder(const std::string& path) const {
    struct stat status {};
    return ::lstat(full(path).c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  }

  /// Nothing where there is no such folder.
  Result<std::vector<Entry>> list(const std::string& path) {
    std::vector<Entry> entries;
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir(full(path).c_str()));
    if (folder == nullptr)
      return is_missing(errno) ? Result<std::vector<Entry>>(entries) : cannot_look_at(path);
    while (const dirent* entry = next(*folder)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") entries.push_back({std::string(name), entry->d_type});
      if (++names_ > limits_.names)
        return failure("there are more than " + std::to_string(limits_.names) + " names to look at");
    }
    return errno == 0 ? Result<std::vector<Entry>>(std::move(entries)) : cannot_look_at(path);
  }
  static const dirent* next(DIR& folder) {
    errno = 0;
    return ::readdir(&folder);
  }
  static tl::unexpected<Error> cannot_look_at(const std::string& path) {
    const std::string shown = path.empty() ? "." : printable_line(path);
    return failure("cannot look at '" + shown + "': " + std::generic_category().message(errno));
  }

  const std::string& directory_;
  bool folders_only_;
  const GlobLimits& limits_;
  size_t names_ = 0;
};

}  // namespace

Result<std::vector<std::string>> find_paths(const std::string& directory, const std::string& pattern,
                                            const GlobLimits& limits) {
  if (pattern.size() >= PATH_MAX)
    return failure("the pattern is longer than " + std::to_string(PATH_MAX) + " bytes");
  const std::vector<std::string> parts = parts_of(pattern);
  Walk walk(directory, pattern.ends_with('/'), limits);
  if (!parts.empty())
    if (Result<void> walked = walk.from(pattern.starts_with('/') ? "/" : "", parts); !walked)
      return tl::unexpected(walked.error());
  std::sort(walk.paths.begin(), walk.paths.end());
  walk.paths.erase(std::unique(walk.paths.begin(), walk.paths.end()), walk.paths.end());
  return std::move(walk.paths);
}

}  // namespace sweepd
