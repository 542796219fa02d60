#include "runner/platform/group_guard.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

namespace sweepd {
namespace {

// Shells' scripts name descriptors below 10, and bash takes those from 63 down.
constexpr int out_of_the_way = 40;

}  // namespace

GroupGuard::GroupGuard() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return;
  kept_.reset(ends[0]);
  const UniqueFd other(ends[1]);
  UniqueFd high(fcntl(other.get(), F_DUPFD_CLOEXEC, out_of_the_way));
  if (high && fcntl(high.get(), F_SETSIG, SIGKILL) == 0 && fcntl(high.get(), F_SETFL, O_ASYNC) == 0)
    handed_down_ = std::move(high);
}

}  // namespace sweepd
