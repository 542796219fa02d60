// summary.json: what depends on the run, in one object: times, cores, efficiency, attempts, hosts,
// over all sessions.
#pragma once

#include <string>

#include "runner/engine/sweep_directory.h"

namespace sweepd {

std::string summary_json(const Manifest& manifest);

}  // namespace sweepd
