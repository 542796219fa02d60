// The module for MPI: where it is, and the relay in it. It is loaded in the relay's process only.
#pragma once

#include <string>

#include "runner/core/error.h"
#include "workers/start/ranks/relay_packets.h"

namespace sweepd {

/// Beside the program, as in the build tree, or where it is installed.
std::string mpi_module_path();
bool has_mpi_module();

/// Fails with what the dynamic linker says.
Result<RelayFunction*> load_relay();

}  // namespace sweepd
