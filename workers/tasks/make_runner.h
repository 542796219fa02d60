// From a sweep's task to what runs it: the one place that knows all kinds of tasks.
#pragma once

#include <memory>

#include "runner/core/sweep.h"
#include "workers/tasks/task.h"

namespace sweepd {

std::unique_ptr<TaskRunner> make_runner(const Sweep& sweep, const WorkerContext& context);

}  // namespace sweepd
