#include <fmt/format.h>

#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/requests.h"

namespace sweepd {

int version_command() {
  put("sweepd {}\n", SWEEPD_VERSION);
  return every_point_ok;
}

}  // namespace sweepd
