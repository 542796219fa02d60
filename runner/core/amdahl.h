// Speedup, efficiency and Amdahl's law from measured times. Pure arithmetic: it knows nothing of how the
// times were taken, nor of records.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sweepd {

enum class ScalingMode {
  strong,  ///< the work is fixed: N workers share it
  weak,    ///< each worker has the same work: N workers do N times as much
};
constexpr std::string_view name_of(ScalingMode mode) {
  switch (mode) {
    case ScalingMode::strong:
      return "strong";
    case ScalingMode::weak:
      return "weak";
  }
  return {};
}

/// One measurement: at least 1 worker, more than 0 seconds.
struct ScalingTime {
  uint64_t workers;
  double seconds;
};

struct ScalingRow {
  uint64_t workers;
  double seconds;
  double speedup;     ///< how much more work is done in the same time than one worker does
  double efficiency;  ///< speedup / workers
};

/// One row for each number of workers, ascending; of several times for one number their median counts. With b
/// the fewest workers measured:
///   strong: speedup = b * T(b) / T(N)
///   weak:   speedup = N * T(b) / T(N), the scaled speedup of Gustafson (1988)
/// So where one worker was not measured, the fewest are taken to be perfectly efficient.
std::vector<ScalingRow> scaling_rows(std::vector<ScalingTime> times, ScalingMode mode);

/// S(N) = 1 / ((1 - p) + p / N): Amdahl, Validity of the single processor approach to achieving large scale
/// computing capabilities, AFIPS 1967.
struct AmdahlFit {
  double p;  ///< the share of the work that runs in parallel, 0 to 1
  std::optional<double>
      limit;  ///< 1 / (1 - p), the speedup of endlessly many workers; none: without limit (p = 1)
};

/// The p of least squares for the rows of a strong scaling. T(N) / T(1) = 1 - p * (1 - 1/N) is linear
/// in p, so
///   p = sum(x * y) / sum(x^2)  with  x = 1 - 1/N,  y = 1 - T(N) / T(1)
/// and where the fewest workers are b, not 1, the same with
///   x = (1 - 1/N) - T(N) / T(b) * (1 - 1/b),  y = 1 - T(N) / T(b)
/// clamped to 0 to 1. None for fewer than two rows, and where every x is 0.
std::optional<AmdahlFit> fit_amdahl(const std::vector<ScalingRow>& rows);

/// The number of workers past which the speedup rose no more: the fewest of those with the largest. None
/// without rows.
std::optional<uint64_t> peak_workers(const std::vector<ScalingRow>& rows);

}  // namespace sweepd
