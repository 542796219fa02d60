#include "workers/tasks/command/work_place.h"

#include <fcntl.h>

#include "runner/platform/system_error.h"

namespace sweepd {

Result<void> WorkPlace::open() {
  if (!null_) null_.reset(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null_) return refused("open", "/dev/null");
  if (!folder_) folder_.reset(::open(directory_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder_) return refused("enter the sweep file's folder", '\'' + directory_ + '\'');
  return {};
}

}  // namespace sweepd
