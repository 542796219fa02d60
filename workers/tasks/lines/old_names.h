// What lines written for other programs count on in their environment.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "runner/core/sweep.h"
#include "workers/tasks/task.h"

namespace sweepd {

using SetVariable = std::function<void(std::string_view name, std::string_view value)>;

/// Those of TACC's launcher (github.com/TACC/launcher), disBatch (github.com/flatironinstitute/disBatch) and
/// GNU parallel: the number of the line among all, of the worker, of the job, and of a repeated line. In
/// DISBATCH_NAMETASKS is the sweep's name.
void set_old_names(const Sweep& sweep, WorkerId worker, const PointContext& context, const SetVariable& set);

}  // namespace sweepd
