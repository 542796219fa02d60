// WorkerShare: what one worker has of its node, from the plan to the process that keeps to it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runner/core/cpu_set.h"
#include "runner/core/run_options.h"

namespace sweepd {

struct WorkerShare {
  CpuSet cpus{};                  ///< it may use these
  std::vector<uint32_t> nodes{};  ///< NUMA nodes of `cpus`, ascending; empty where it is not bound
  uint32_t cores = 1;             ///< of `cpus`; hardware threads for pin hwthread and list
  bool bound = true;              ///< to `cpus`; else the system decides
  std::vector<CpuSet>
      gang_cores{};  ///< for gangs: each physical core the sweep may use here, in topology order
  std::optional<uint64_t> memory_bytes{};  ///< its part of what a batch system granted; none: no limit
};

/// Of the processes of a point: the sweep file's, else all that its worker has.
inline std::optional<uint64_t> memory_limit(const Limits& limits, const WorkerShare& share) {
  return limits.memory_bytes ? limits.memory_bytes : share.memory_bytes;
}

}  // namespace sweepd
