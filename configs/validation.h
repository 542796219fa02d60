// What can be judged only when both the task and the points are known.
#pragma once

#include "configs/complaints.h"
#include "configs/run_sections.h"
#include "runner/core/sweep.h"

namespace sweepd {

/// Complains about a task that its points do not fit. `sweep` has its task and its space.
/// `where` is the task's.
void validate_task(const Sweep& sweep, Mark where, Complaints& complaints);

/// Complains about reductions of what is not there.
void validate_reduce(const Sweep& sweep, const ReducePlaces& places, Complaints& complaints);

}  // namespace sweepd
