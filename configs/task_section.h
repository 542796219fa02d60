// `task`: what is run for every point.
#pragma once

#include "configs/complaints.h"
#include "configs/document.h"
#include "runner/core/sweep.h"

namespace sweepd {

/// The points that a task brings along, as a list of commands does; null where they could not be read.
struct TaskPoints {
  bool are_given = false;
  SpacePtr space;
};

/// Sets `sweep.task`, `sweep.task_identity` and `sweep.task_text`, the canonical JSON in which defaults are
/// spelt out and what cannot change a result (oversubscribe) is left out. False, with complaints, where there
/// is no valid task.
bool read_task(const Node& node, Sweep& sweep, TaskPoints& points, Complaints& complaints);

}  // namespace sweepd
