// Binding a worker to its processors and to the memory near them. It knows nothing of plans: it
// is told numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "runner/core/cpu_set.h"
#include "runner/core/error.h"

namespace sweepd {

/// Binds the calling thread, and what it starts from now on, to `cpus`, and lets it take new memory from
/// `nodes` (OS numbers) as long as there is some free there, else from elsewhere. Fails, naming both sets, if
/// the kernel does not give exactly `cpus`. No `nodes`, or a kernel or container that allows no memory
/// policy, leave memory as it is: the kernel then takes it from the node of the processor at work.
Result<void> bind_this_process(const CpuSet& cpus, const std::vector<uint32_t>& nodes);

/// What the kernel says the calling thread is bound to.
CpuSet bound_processors();

}  // namespace sweepd
