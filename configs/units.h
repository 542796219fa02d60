// Sizes ("2GiB") and durations ("10m", "1-02:00:00") as text.
#pragma once

#include <cstdint>
#include <string_view>

#include "runner/core/error.h"
#include "runner/core/sweep.h"

namespace sweepd {

/// Bytes from a number and a unit: B, K M G T (or KB MB GB TB: powers of 1000), KiB MiB GiB TiB (powers of
/// 1024). A fraction is fine ("1.5G"), a bare number is not: Slurm takes it for MiB, others for bytes.
Result<uint64_t> parse_size(std::string_view text);

/// Either a number and a unit, ms s m h d, or one of Slurm's forms (sbatch(1), --time) with a ':' or a '-':
/// minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes, days-hours:minutes:seconds. A bare
/// number is refused: it is minutes to Slurm and seconds to most other programs. At most 36500 days.
Result<Duration> parse_duration(std::string_view text);

}  // namespace sweepd
