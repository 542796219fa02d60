// The machine's processors as hwloc finds them, and those that this process may use. It knows
// nothing of workers.
#pragma once

#include <string>

#include "runner/core/cpu_set.h"
#include "runner/core/cpu_topology.h"
#include "runner/core/error.h"

namespace sweepd {

/// The online processors of this machine, also those this process may not use, so that a processor that is
/// forbidden can be told from one that does not exist. Costs 0.8 ms on 2 processors and 17 ms on 256
/// (measured on a made-up /sys), nearly all of it hwloc's opening of two dozen files a processor, the caches'
/// among them whatever is asked for: call it once and hand the answer on. Where hwloc's plugins are installed
/// the first call takes 1 ms more. Fails where hwloc's environment variables put another machine in this
/// one's place.
Result<CpuTopology> read_topology();

/// A made-up machine in hwloc's notation, such as "package:2 numa:1 core:64 pu:2", for tests and trials.
/// Fails on a text that hwloc does not take.
Result<CpuTopology> synthetic_topology(const std::string& description);

/// What the affinity mask of the calling thread lets it use. The kernel has taken the cpuset and what is
/// offline out of it. Empty only where the kernel refuses to tell.
CpuSet allowed_processors();

}  // namespace sweepd
