#include "runner/core/amdahl.h"

#include <algorithm>

namespace sweepd {
namespace {

/// Of times sorted by workers and then seconds, all of one number of workers.
double median_seconds(std::vector<ScalingTime>::const_iterator first,
                      std::vector<ScalingTime>::const_iterator last) {
  const auto count = last - first;
  const auto upper = first + count / 2;
  return count % 2 == 1 ? upper->seconds : ((upper - 1)->seconds + upper->seconds) / 2;
}

}  // namespace

std::vector<ScalingRow> scaling_rows(std::vector<ScalingTime> times, ScalingMode mode) {
  std::ranges::sort(times, [](const ScalingTime& a, const ScalingTime& b) {
    return a.workers != b.workers ? a.workers < b.workers : a.seconds < b.seconds;
  });
  std::vector<ScalingRow> rows;
  for (auto first = times.cbegin(); first != times.cend();) {
    const auto last = std::find_if(first, times.cend(),
                                   [&](const ScalingTime& time) { return time.workers != first->workers; });
    const double seconds = median_seconds(first, last);
    const ScalingRow base = rows.empty() ? ScalingRow{first->workers, seconds, 0, 0} : rows.front();
    const auto workers = static_cast<double>(first->workers);
    const double work = mode == ScalingMode::weak ? workers : static_cast<double>(base.workers);
    const double speedup = work * (base.seconds / seconds);
    rows.push_back({first->workers, seconds, speedup, speedup / workers});
    first = last;
  }
  return rows;
}

std::optional<AmdahlFit> fit_amdahl(const std::vector<ScalingRow>& rows) {
  if (rows.size() < 2) return std::nullopt;
  const auto gain = [](const ScalingRow& row) { return 1 - 1 / static_cast<double>(row.workers); };
  double products = 0;
  double squares = 0;
  for (const ScalingRow& row : rows) {
    const double ratio = row.seconds / rows.front().seconds;
    const double x = gain(row) - ratio * gain(rows.front());
    products += x * (1 - ratio);
    squares += x * x;
  }
  if (!(squares > 0)) return std::nullopt;
  const double p = std::clamp(products / squares, 0.0, 1.0);
  return AmdahlFit{p, p < 1 ? std::optional(1 / (1 - p)) : std::nullopt};
}

std::optional<uint64_t> peak_workers(const std::vector<ScalingRow>& rows) {
  if (rows.empty()) return std::nullopt;
  return std::ranges::max_element(rows, {}, &ScalingRow::speedup)->workers;
}

}  // namespace sweepd
