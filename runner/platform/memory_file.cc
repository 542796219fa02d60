#include "runner/platform/memory_file.h"

#include <sys/mman.h>

namespace sweepd {

UniqueFd memory_file(const char* name, std::string_view text) {
  UniqueFd file(memfd_create(name, MFD_CLOEXEC));
  while (file && !text.empty()) {
    const ssize_t count = write(file.get(), text.data(), text.size());
    if (count < 0) return {};
    text.remove_prefix(static_cast<size_t>(count));
  }
  return file;
}

}  // namespace sweepd
