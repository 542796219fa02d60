#include "runner/core/decide.h"

#include <algorithm>
#include <cmath>

namespace sweepd {
namespace {

uint64_t divided_up(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

uint64_t points_in(Duration time, double point_seconds) {
  const double points = std::chrono::duration<double>(time).count() / std::max(point_seconds, 1e-9);
  return static_cast<uint64_t>(std::clamp(points, 1.0, 1e15));
}

bool by_the_clock(const Dealing& dealing) { return !dealing.size && dealing.schedule != Schedule::static_; }

}  // namespace

Duration chunk_budget(const Dealing& dealing, uint64_t waiting, std::optional<double> point_seconds) {
  constexpr double most_long_points = 100, most_short_points = 100'000, longest_of_short_s = 30;
  constexpr double share_of_time_left = 1.0 / 8;
  if (!point_seconds) return chunk_target;
  const double time_left = static_cast<double>(waiting) * *point_seconds / dealing.workers;
  const double of_short = std::min(most_short_points * *point_seconds, longest_of_short_s);
  const double seconds =
      std::min(std::max(most_long_points * *point_seconds, of_short), share_of_time_left * time_left);
  return std::max(chunk_target, Duration(static_cast<int64_t>(std::min(seconds, 1e9) * 1e9)));
}

uint64_t chunk_size(const Dealing& dealing, uint64_t points, uint64_t waiting,
                    std::optional<double> point_seconds) {
  Schedule schedule = dealing.schedule;
  if (schedule == Schedule::automatic) schedule = dealing.size ? Schedule::dynamic : Schedule::guided;
  const Duration budget = chunk_budget(dealing, waiting, point_seconds);
  const uint64_t share = std::max<uint64_t>(1, divided_up(waiting, uint64_t{2} * dealing.workers));
  switch (schedule) {
    case Schedule::static_:
      return dealing.size.value_or(std::max<uint64_t>(1, divided_up(points, dealing.workers)));
    case Schedule::dynamic:
      if (dealing.size) return *dealing.size;
      return point_seconds ? points_in(budget, *point_seconds) : share;
    case Schedule::guided:
    case Schedule::automatic:
      break;
  }
  if (dealing.size) return std::max(*dealing.size, share);
  if (!point_seconds) return share;
  // Twice the budget, which ends chunks; the size only keeps what is dealt again small.
  return std::clamp(share, points_in(chunk_floor, *point_seconds), points_in(2 * budget, *point_seconds));
}

uint64_t points_wanted(const Dealing& dealing, uint64_t left, std::optional<double> point_seconds) {
  constexpr Duration time_a_worker = std::chrono::milliseconds(500);
  uint64_t points = std::max<uint64_t>(2, dealing.size.value_or(1));
  if (point_seconds) {
    const Duration time = std::max(time_a_worker, chunk_budget(dealing, left, point_seconds));
    points = std::max(points, points_in(time, *point_seconds));
  }
  return points * dealing.workers;
}

Decision decide(const SweepState& state, const std::vector<WorkerId>& idle, const Dealing& dealing,
                std::optional<double> point_seconds) {
  Decision decision;
  auto worker = idle.begin();
  uint64_t waiting = state.waiting_points() + dealing.more;
  for (const auto& [first, range] : state.waiting()) {
    if (range.condemned()) {
      decision.condemned.push_back(first);
      continue;  // what follows it is dealt once it is out of the way
    }
    Chunk left = range.chunk;
    for (; worker != idle.end() && left.first < left.last; ++worker) {
      const uint64_t size = std::min(state.kept().missing_in(left),
                                     chunk_size(dealing, state.points(), waiting, point_seconds));
      const Chunk chunk{left.first, state.kept().end_of(left.first, size)};
      const Duration budget = chunk_budget(dealing, waiting, point_seconds);
      decision.assignments.push_back({.worker = *worker,
                                      .chunk = chunk,
                                      .budget = by_the_clock(dealing) ? budget : Duration{},
                                      .attempt = left.first == first ? range.attempts + 1 : 1,
                                      .careful = range.careful});
      left.first = state.kept().next_missing(chunk.last);
      waiting -= size;
    }
    if (worker == idle.end()) break;
  }
  return decision;
}

}  // namespace sweepd
