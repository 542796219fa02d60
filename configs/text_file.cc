// Reading a whole file into memory.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "configs/source_text.h"

namespace sweepd {
namespace {

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

tl::unexpected<Error> cannot_read(const std::string& path, int error) {
  const SourcePosition where{path, 0, 0};
  if (error == ENOENT) return failure("there is no such file", where);
  if (error == EISDIR) return failure("this is a directory; name a file", where);
  return failure("cannot read the file: " + std::generic_category().message(error), where);
}

}  // namespace

Result<std::string> read_text_file(const std::string& path, uint64_t most_bytes) {
  const OpenFile file(path);
  struct stat status {};
  if (!file.is_open() || ::fstat(file.descriptor(), &status) != 0) return cannot_read(path, errno);
  if (S_ISDIR(status.st_mode)) return cannot_read(path, EISDIR);
  std::string text;
  size_t filled = 0;
  // A pipe has no size: its text grows in steps. One byte more than the size shows the end without growing.
  text.resize(std::clamp<uint64_t>(static_cast<uint64_t>(status.st_size) + 1, 4096, most_bytes + 1));
  while (true) {
    const ssize_t got = ::read(file.descriptor(), text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(path, errno);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    if (filled > most_bytes)
      return failure("the file is larger than " + std::to_string(most_bytes >> 20) + " MiB", {path, 0, 0});
    if (filled == text.size()) text.resize(std::min<uint64_t>(2 * text.size(), most_bytes + 1));
  }
  text.resize(filled);
  return text;
}

}  // namespace sweepd
