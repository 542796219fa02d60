// CpuTopology: what is known of a machine's processors and how they share cores, memory and sockets.
#pragma once

#include <cstdint>
#include <vector>

namespace sweepd {

/// A hardware thread: what the operating system calls a CPU.
struct Processor {
  uint32_t number = 0;   ///< the operating system's, as in /proc/cpuinfo
  uint32_t core = 0;     ///< physical core, counted through the whole machine
  uint32_t node = 0;     ///< NUMA node of the nearest memory: the operating system's number, may have gaps
  uint32_t package = 0;  ///< socket
  friend bool operator==(const Processor&, const Processor&) = default;
};

/// In topology order: hardware threads of a core, cores of a node and nodes of a package stand together.
struct CpuTopology {
  std::vector<Processor> processors;
};

}  // namespace sweepd
