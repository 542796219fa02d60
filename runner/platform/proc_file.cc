#include "runner/platform/proc_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "runner/platform/unique_fd.h"

namespace sweepd {

std::optional<std::string> read_proc_file(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::string text;
  char bytes[4096];
  for (ssize_t count = 0; (count = read(fd.get(), bytes, sizeof bytes)) != 0;) {
    if (count > 0) text.append(bytes, static_cast<size_t>(count));
    if (count < 0 && errno != EINTR) return std::nullopt;
  }
  return text;
}

}  // namespace sweepd
