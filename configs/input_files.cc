#include "configs/input_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "configs/glob.h"
#include "configs/name_pattern.h"

namespace sweepd {
namespace {

constexpr std::string_view correct_it = "; correct it, or leave it out";

std::string from(const std::string& directory, const std::string& path) {
  return path.starts_with('/') ? path : directory + '/' + path;
}

std::string mib_text(uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

class Finding {
 public:
  Finding(const std::string& directory, const InputLimits& limits) : directory_(directory), limits_(limits) {}

  /// Complains about the first thing that is wrong with it.
  Result<void> add(const std::string& text) {
    const bool is_name = !is_name_pattern(text) || access(from(directory_, text).c_str(), F_OK) == 0;
    const auto paths = is_name ? std::vector{text} : files_matching(text, directory_);
    if (!paths) return tl::unexpected(paths.error());
    if (paths->empty()) return failure("finds no file in " + directory_ + std::string(correct_it));
    for (const std::string& path : *paths) {
      if (Result<void> counted = count(path); !counted) return counted;
      files_.push_back({.name = text, .path = path, .hash = {}});
    }
    return {};
  }

  std::vector<CodeFile> take() { return std::move(files_); }

 private:
  Result<void> count(const std::string& path) {
    const std::string full = from(directory_, path);
    struct stat status {};
    const bool is_readable = access(full.c_str(), R_OK) == 0 && stat(full.c_str(), &status) == 0;
    if (!is_readable && errno == ENOENT) return failure("there is no " + full + what_to_do_about(path));
    if (!is_readable) return failure("cannot read " + full + ": " + std::generic_category().message(errno));
    if (S_ISDIR(status.st_mode))
      return failure(full + " is a folder; name its files, such as " +
                     (std::filesystem::path(path) / "*").string());
    if (!S_ISREG(status.st_mode)) return failure(full + " is no regular file; leave it out");
    if (files_.size() == limits_.files)
      return failure("these are more than the " + std::to_string(limits_.files) +
                     " files that all inputs together may be; name fewer, such as one that lists the others");
    const auto bytes = static_cast<uint64_t>(status.st_size);
    if (bytes > limits_.bytes - bytes_)
      return failure(full + " has " + mib_text(bytes) + ", and all inputs together may have " +
                     mib_text(limits_.bytes) +
                     " to be hashed; leave it out, or name a small file that changes with it");
    bytes_ += bytes;
    return {};
  }

  static std::string what_to_do_about(const std::string& path) {
    if (path.find('{') == std::string::npos) return std::string(correct_it);
    return "; inputs are the same for all points, so write a pattern such as data/*.csv";
  }

  const std::string& directory_;
  const InputLimits& limits_;
  std::vector<CodeFile> files_;
  uint64_t bytes_ = 0;  // at most the limit
};

}  // namespace

InputFiles find_inputs(const std::vector<Input>& inputs, const std::string& directory,
                       const InputLimits& limits) {
  Finding finding(directory, limits);
  InputFiles found;
  for (const Input& input : inputs)
    if (const Result<void> added = finding.add(input.text); !added)
      found.errors.push_back(
          {.message = "'task.inputs': '" + input.text + "': " + added.error().message, .where = input.where});
  found.files = finding.take();
  return found;
}

Result<std::vector<std::string>> files_matching(const std::string& pattern, const std::string& directory) {
  auto paths = find_paths(directory, pattern);
  if (!paths) return paths;
  std::erase_if(*paths, [&](const std::string& path) {
    struct stat status {};
    return stat(from(directory, path).c_str(), &status) != 0 || !S_ISREG(status.st_mode);
  });
  return paths;
}

}  // namespace sweepd
