// What an agent and a worker say to each other, over a SOCK_SEQPACKET pair: one message, one packet. Both
// ends are the same binary on the same machine, so the structs travel as they stand in memory. A GangMessage
// (workers/tasks/scaling/gang_line.h) may come either way.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "runner/core/point_times.h"
#include "runner/core/worker_pool.h"

namespace sweepd {

/// Agent to worker: run this chunk.
struct AssignMessage {
  uint64_t lease;
  uint64_t first;
  uint64_t last;
  int64_t budget_ns;  ///< 0: none
  uint32_t attempt;
  uint32_t careful;
};

enum class WorkerNews : uint32_t { ready, finished, broken };

/// Worker to agent.
struct NewsMessage {
  WorkerNews news;
  uint32_t retries;
  uint64_t lease;
  uint64_t until;
  uint64_t failed;
  uint64_t non_finite;
  int64_t elapsed_ns;
  int64_t cpu_ns;
  double max_rss_mib;
  PointTimes times;
  uint32_t is_shortage;  ///< broken: as in Error
  char text[512];        ///< broken: why; ends with a NUL
};

AssignMessage message_of(const Assignment& assignment, uint64_t lease);
Assignment assignment_of(const AssignMessage& message, WorkerId worker);

static_assert(std::is_trivially_copyable_v<AssignMessage> && std::is_trivially_copyable_v<NewsMessage>);

}  // namespace sweepd
