#include "runner/platform/topology.h"

#include <hwloc.h>
#include <sched.h>

#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sweepd {

namespace {

struct TopologyDestroyer {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using HwlocTopology = std::unique_ptr<hwloc_topology, TopologyDestroyer>;

tl::unexpected<Error> hwloc_failure(const std::string& what) {
  return failure("hwloc cannot " + what + ": " + std::strerror(errno) +
                 "; see what lstopo says of this machine");
}

/// While it lives, hwloc finds no plugins: those for devices (OpenGL, OpenCL, PCI) load libraries for 3 ms of
/// every start, and say nothing of processors. Commands find the variable as it was.
class WithoutPlugins {
 public:
  WithoutPlugins() {
    if (const char* value = getenv(name)) before_ = value;
    setenv(name, "/dev/null", 1);
  }
  ~WithoutPlugins() {
    if (before_)
      setenv(name, before_->c_str(), 1);
    else
      unsetenv(name);
  }
  WithoutPlugins(const WithoutPlugins&) = delete;
  WithoutPlugins& operator=(const WithoutPlugins&) = delete;

 private:
  static constexpr const char* name = "HWLOC_PLUGINS_PATH";
  std::optional<std::string> before_;
};

/// Only packages, cores, processors and NUMA nodes are wanted: no caches, no devices.
Result<HwlocTopology> new_topology() {
  const WithoutPlugins without_plugins;
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) return hwloc_failure("be started");
  HwlocTopology topology(raw);
  hwloc_topology_set_all_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_NONE);
  hwloc_topology_set_type_filter(raw, HWLOC_OBJ_PACKAGE, HWLOC_TYPE_FILTER_KEEP_ALL);
  hwloc_topology_set_type_filter(raw, HWLOC_OBJ_CORE, HWLOC_TYPE_FILTER_KEEP_ALL);
  // A NUMA node smaller than its package hangs from a group; without groups it would seem to
  // span the package.
  hwloc_topology_set_type_filter(raw, HWLOC_OBJ_GROUP, HWLOC_TYPE_FILTER_KEEP_STRUCTURE);
  return topology;
}

/// The nearest of the NUMA nodes that hold a processor: the one fewest processors share, then the lowest
/// number. The others are memory kinds of their own (high-bandwidth, CXL).
uint32_t nearest_node(hwloc_topology_t topology, hwloc_obj_t pu) {
  hwloc_obj_t nearest = nullptr;
  int fewest = INT_MAX;
  for (hwloc_obj_t node = nullptr; (node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node));) {
    if (hwloc_bitmap_isset(node->cpuset, pu->os_index) == 0) continue;
    const int sharing = hwloc_bitmap_weight(node->cpuset);
    if (sharing > fewest || (sharing == fewest && node->os_index > nearest->os_index)) continue;
    nearest = node;
    fewest = sharing;
  }
  return nearest == nullptr ? 0 : nearest->os_index;
}

CpuTopology processors_of(hwloc_topology_t topology) {
  CpuTopology out;
  hwloc_obj_t last_core = nullptr;
  uint32_t cores = 0;
  for (hwloc_obj_t pu = nullptr; (pu = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, pu));) {
    const hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, pu);
    const hwloc_obj_t package = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_PACKAGE, pu);
    // Where the system does not tell cores (some containers), each processor is taken for one.
    if (core == nullptr || core != last_core) ++cores;
    last_core = core;
    if (pu->os_index >= max_processors) continue;
    out.processors.push_back({pu->os_index, cores - 1, nearest_node(topology, pu),
                              package == nullptr ? 0 : package->logical_index});
  }
  return out;
}

Result<CpuTopology> load(const HwlocTopology& topology) {
  if (hwloc_topology_load(topology.get()) != 0) return hwloc_failure("read the processors");
  return processors_of(topology.get());
}

}  // namespace

Result<CpuTopology> read_topology() {
  auto topology = new_topology();
  if (!topology) return tl::unexpected(topology.error());
  // "x86" asks each processor in turn for what /sys says already, by moving this process onto it; the others
  // look for devices.
  for (const char* component : {"x86", "pci", "opencl", "cuda", "nvml", "rsmi", "levelzero", "gl"})
    hwloc_topology_set_components(topology->get(), HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, component);
  hwloc_topology_set_flags(topology->get(),
                           HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED | HWLOC_TOPOLOGY_FLAG_NO_DISTANCES |
                               HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS | HWLOC_TOPOLOGY_FLAG_NO_CPUKINDS);
  auto processors = load(*topology);
  if (processors && hwloc_topology_is_thissystem(topology->get()) == 0)
    return failure(
        "the environment makes hwloc describe another machine; unset HWLOC_XMLFILE, HWLOC_SYNTHETIC and "
        "HWLOC_FSROOT");
  return processors;
}

Result<CpuTopology> synthetic_topology(const std::string& description) {
  auto topology = new_topology();
  if (!topology) return tl::unexpected(topology.error());
  if (hwloc_topology_set_synthetic(topology->get(), description.c_str()) != 0)
    return failure("hwloc does not take \"" + description +
                   "\" for a machine; write such as \"package:2 core:4 pu:2\"");
  return load(*topology);
}

CpuSet allowed_processors() {
  constexpr size_t word_bits = CHAR_BIT * sizeof(unsigned long);
  // The kernel refuses a mask shorter than its own, whose length is known only by trying.
  for (size_t bits = 1024; bits <= max_processors; bits *= 2) {
    std::vector<unsigned long> mask(bits / word_bits);
    if (sched_getaffinity(0, bits / CHAR_BIT, reinterpret_cast<cpu_set_t*>(mask.data())) != 0) {
      if (errno == EINVAL) continue;
      break;
    }
    CpuSet allowed;
    for (uint32_t number = 0; number < bits; ++number)
      if ((mask[number / word_bits] >> (number % word_bits) & 1) != 0) allowed.insert(number);
    return allowed;
  }
  return {};
}

}  // namespace sweepd
