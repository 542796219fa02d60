// Post: where a worker sits.
#pragma once

#include "runner/core/error.h"
#include "workers/tasks/task.h"

namespace sweepd {

struct Post {
  WorkerContext context;
  WorkerId slot{};  ///< its number among the workers of its agent, and so in the cells
};

/// Binds this process, and what it starts from now on, to its share, memory included.
Result<void> bind_to(const WorkerShare& share);

}  // namespace sweepd
