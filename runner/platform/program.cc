#include "runner/platform/program.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace sweepd {
namespace {

// 0, or why `file` cannot be executed, as an errno.
int obstacle(const std::string& file) {
  struct stat about {};
  if (stat(file.c_str(), &about) != 0) return errno;
  if (S_ISDIR(about.st_mode)) return EISDIR;
  if (!S_ISREG(about.st_mode)) return EACCES;
  return faccessat(AT_FDCWD, file.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

std::string absolute(std::string_view file, std::string_view directory) {
  if (file.starts_with('/')) return std::string(file);
  std::string joined(directory);
  if (!file.empty()) joined.append("/").append(file);
  return joined;
}

std::string advice(int error, const std::string& file) {
  struct stat about {};
  if (error == EACCES && stat(file.c_str(), &about) != 0)
    return "; a folder on the way to it may not be entered";
  if (error == EACCES) return "; make it an executable file: chmod +x '" + file + "'";
  return "; a name with a slash is taken from the sweep file's folder";
}

std::string cannot_run(const std::string& file, int error) {
  return "cannot run '" + file + "': " + std::generic_category().message(error) + advice(error, file);
}

}  // namespace

Result<std::string> find_program(std::string_view name, std::string_view path, std::string_view directory) {
  if (name.empty()) return failure("the program's name is empty; name a program or its file");
  if (name.find('/') != std::string_view::npos) {
    std::string file = absolute(name, directory);
    const int error = obstacle(file);
    if (error == 0) return file;
    return failure(cannot_run(file, error));
  }
  std::string searched, found;  // found: why one that is there, or may be, is not run
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find(':', begin), path.size());
    const std::string folder = absolute(path.substr(begin, end - begin), directory);
    std::string file = folder + "/" + std::string(name);
    const int error = obstacle(file);
    if (error == 0) return file;
    if (found.empty() && error != ENOENT && error != ENOTDIR && error != EISDIR)
      found = cannot_run(file, error);
    searched += (searched.empty() ? "" : ", ") + folder;
    begin = end + 1;
  }
  if (found.empty()) found = "add its folder to PATH, or write its path";
  return failure("no program '" + std::string(name) + "' in the folders of PATH (" + searched + "); " +
                 found);
}

}  // namespace sweepd
