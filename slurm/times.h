// Times and durations as Slurm's commands print them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "runner/core/error.h"

namespace sweepd {

/// `2026-11-22T15:56:14`, taken as UTC, in seconds since 1970; none for `Unknown`, `N/A`, `None` and an empty
/// text. Slurm's commands print local time: whoever calls them sets TZ (controller.h).
Result<std::optional<int64_t>> parse_slurm_time(std::string_view text);

/// Seconds of a time limit in any of Slurm's forms: minutes, minutes:seconds, hours:minutes:seconds,
/// days-hours, days-hours:minutes, days-hours:minutes:seconds (sbatch(1), --time). None for `UNLIMITED` and
/// where no limit is known (`Partition_Limit`, `NOT_SET`, `N/A`, `INVALID`, an empty text).
Result<std::optional<int64_t>> parse_slurm_duration(std::string_view text);

}  // namespace sweepd
