#include "workers/post.h"

#include "runner/core/cpu_set.h"
#include "runner/platform/binding.h"

namespace sweepd {

Result<void> bind_to(const Post& post) {
  if (!post.bind) return {};
  const auto cpus = CpuSet::parse(post.context.cpus);
  if (!cpus) return tl::unexpected(cpus.error());
  return bind_this_process(*cpus, post.numa_nodes);
}

}  // namespace sweepd
