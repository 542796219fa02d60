#include "workers/post.h"

#include "runner/platform/binding.h"

namespace sweepd {

Result<void> bind_to(const WorkerShare& share) {
  return share.bound ? bind_this_process(share.cpus, share.nodes) : Result<void>{};
}

}  // namespace sweepd
