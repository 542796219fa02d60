// decide(): the scheduler as a pure function of the sweep's state, the idle workers and the measured pace.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runner/core/sweep.h"
#include "runner/core/sweep_state.h"

namespace sweepd {

/// How points are dealt out.
struct Dealing {
  Schedule schedule = Schedule::automatic;
  std::optional<uint64_t> size{};  ///< points in a chunk; none: by the clock
  uint32_t workers = 1;
  uint64_t more = 0;  ///< points that do not wait here yet, and that this run may expect to get
};

/// What a worker is told to do.
struct Assignment {
  WorkerId worker;
  Chunk chunk;
  /// The worker ends its chunk after the point in which this has passed, and the rest is dealt again.
  /// So chunks have the right length from the first one on, whatever a point takes. 0: the whole
  /// chunk, however long.
  Duration budget{};
  uint32_t attempt = 1;  ///< of the chunk's first point
  bool careful = false;  ///< flush every record
};

struct Decision {
  std::vector<Assignment> assignments;
  std::vector<uint64_t> condemned;  ///< points to record as failed, without running them again
};

/// A chunk by the clock takes at least about this long, and in the tail of a sweep not less than the second.
inline constexpr Duration chunk_target = std::chrono::milliseconds(250);
inline constexpr Duration chunk_floor = std::chrono::milliseconds(5);

/// The budget of a chunk by the clock: up to 100 points, or 100,000 within half a minute where points are
/// short, since each chunk is a file and many users may have only so many files; but no more than an eighth
/// of the time that is left, so that the workers end together, and at least chunk_target.
Duration chunk_budget(const Dealing& dealing, uint64_t waiting, std::optional<double> point_seconds);

/// The number of points in the next chunk, at least 1.
///   static:  the points divided evenly, one chunk a worker (or chunks of `size`)
///   dynamic: `size`, or as many points as take chunk_budget()
///   guided:  a share 1/(2 workers) of what waits, so that chunks shrink to the end (Polychronopoulos and
///   Kuck 1987,
///            there 1/workers), but at least `size`, or as many points as take chunk_floor
///   automatic: guided, or dynamic where `size` is given
/// `point_seconds`: the mean measured so far.
uint64_t chunk_size(const Dealing& dealing, uint64_t points, uint64_t waiting,
                    std::optional<double> point_seconds);

/// How many points should wait where a sweep is shared with other runs, so that no worker is without any
/// until more are claimed: two, or half a second of them, or a chunk, for each worker. `left`: this run's
/// share of all that is left.
uint64_t points_wanted(const Dealing& dealing, uint64_t left, std::optional<double> point_seconds);

/// The lowest waiting points to each idle worker in turn.
Decision decide(const SweepState& state, const std::vector<WorkerId>& idle, const Dealing& dealing,
                std::optional<double> point_seconds);

}  // namespace sweepd
