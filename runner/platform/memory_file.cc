#include "runner/platform/memory_file.h"

#include <sys/mman.h>

namespace sweepd {

UniqueFd memory_file(const char* name, std::string_view text) {
  UniqueFd file(memfd_create(name, MFD_CLOEXEC));
  if (file && write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) file.reset();
  return file;
}

}  // namespace sweepd
