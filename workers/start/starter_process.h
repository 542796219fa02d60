// What runs inside the starter process.
#pragma once

#include "runner/platform/unique_fd.h"
#include "workers/start/starter.h"

namespace sweepd {

enum class StarterOrder : uint32_t { start, kill };

/// Coordinator to starter; `start` carries the worker's end of its channel as a descriptor.
struct OrderMessage {
  StarterOrder order;
  uint32_t worker;
};

/// Follows orders of process `parent` from `socket` and reports deaths on it, until its other end closes;
/// then ends all workers.
[[noreturn]] void run_starter(const Staffing& staffing, const Cells& cells, UniqueFd socket, pid_t parent);

}  // namespace sweepd
