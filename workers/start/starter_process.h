// What runs inside the starter process.
#pragma once

#include "runner/platform/unique_fd.h"
#include "workers/start/starter.h"

namespace sweepd {

enum class StarterOrder : uint32_t { start, kill, suspend, resume };

/// Coordinator to starter; `start` carries the worker's end of its channel as a descriptor.
struct OrderMessage {
  StarterOrder order;
  WorkerId worker;  ///< start, kill
};

enum class StarterNews : uint32_t {
  death,
  obeyed,  ///< suspend and resume, once they are carried out
};

/// Starter to coordinator.
struct StarterMessage {
  StarterNews news;
  WorkerDeath death;
};

/// Follows orders from `socket` and reports deaths on it, until its other end closes, by the coordinator's
/// wish or death; then ends all workers and all that is below them.
[[noreturn]] void run_starter(const Staffing& staffing, const Cells& cells, UniqueFd socket);

}  // namespace sweepd
