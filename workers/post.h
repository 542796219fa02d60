// Post: where a worker sits.
#pragma once

#include <cstdint>
#include <vector>

#include "runner/core/error.h"
#include "workers/tasks/task.h"

namespace sweepd {

struct Post {
  WorkerContext context;
  uint32_t slot = 0;                 ///< its place among the workers of its agent, and so in the cells
  bool bind = true;                  ///< to context.cpus; else the system decides
  std::vector<uint32_t> numa_nodes;  ///< preferred for its memory
};

/// Binds this process, and what it starts from now on, as `post` says.
Result<void> bind_to(const Post& post);

}  // namespace sweepd
