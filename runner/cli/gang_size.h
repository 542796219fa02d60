// Whether the gangs of a scaling sweep fit on the cores there are.
#pragma once

#include <cstddef>
#include <string>

#include "runner/core/error.h"
#include "runner/core/sweep.h"

namespace sweepd {

/// Fails on a gang larger than `cores`, unless the task says otherwise; not for other tasks. `who` may use
/// these: "this process".
Result<void> check_gangs(const Sweep& sweep, size_t cores, const std::string& who);

}  // namespace sweepd
