// GroupGuard: ends a command's process group when the process that watches over it dies, however that comes
// about: by the kernel alone, where nobody is left who could.
#pragma once

#include "runner/platform/unique_fd.h"

namespace sweepd {

/// One end of a channel that this process keeps to itself; the child that is given the other (ChildSpec's
/// guard_fd) makes its group the owner of that end, and what the owner is sent when the first end is closed
/// is SIGKILL. It works as long as a process of the group has not closed its end, and reaches no process that
/// has left the group.
class GroupGuard {
 public:
  /// Without a guard where the system cannot make one (no descriptors are left).
  GroupGuard();

  /// -1: there is none.
  int fd() const { return handed_down_.get(); }

 private:
  UniqueFd kept_;
  UniqueFd handed_down_;
};

}  // namespace sweepd
