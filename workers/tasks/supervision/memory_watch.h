// MemoryWatch: how much memory all processes below this one use together, against a limit.
//
// It looks and adds up; the kernel is not asked to hold the limit. RLIMIT_AS and RLIMIT_DATA count what a
// program reserves, which for a JVM, for CUDA or for a large mapping is far more than it ever uses, and they
// count each process alone. A control group would do, but those of a user's job can rarely be written to.
// So a process that allocates very fast can be over the limit for the time between two looks.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runner/core/sweep.h"

namespace sweepd {

/// The first look is due after 2 ms, the next ones ever later, up to every 50 ms, and later than that where
/// looking takes more than a twentieth of this process's time. So short commands cost (next to) nothing.
class MemoryWatch {
 public:
  /// Times are of any clock that never goes back.
  MemoryWatch(uint64_t limit_bytes, Duration now);

  Duration next_look() const { return next_look_; }

  /// Whether the processes use more than the limit at `now`. One process counts with its resident memory
  /// (RSS). Of several, where that matters, shared pages are counted once (PSS).
  bool look(Duration now);

  /// The most that was seen, in bytes.
  uint64_t peak() const { return peak_; }

 private:
  bool exceeded();

  uint64_t limit_;
  Duration next_look_;
  Duration gap_;
  uint64_t peak_ = 0;
  uint64_t examined_ = 0;  // the highest sum of RSS of several processes whose PSS was looked at
};

}  // namespace sweepd
