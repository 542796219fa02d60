// Which step of which job this process really runs in, as the daemon above it (slurmstepd) shows it: the
// environment may be another job's, since sbatch and salloc hand down what they were called with.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sweepd {

struct StepName {
  uint32_t job = 0;
  /// None: the job's batch script, or the shell of an interactive allocation.
  std::optional<uint32_t> step;
  friend bool operator==(const StepName&, const StepName&) = default;
};

/// What the title of a process says: `slurmstepd: [7.0]`, `[7.batch]`, `[7.interactive]`. None where it is
/// not a slurmstepd's for such a step.
std::optional<StepName> parse_step_title(std::string_view title);

/// The nearest slurmstepd above this process. None where there is none, or none can be seen (containers,
/// /proc mounted with hidepid): which proves nothing.
std::optional<StepName> enclosing_step();

}  // namespace sweepd
