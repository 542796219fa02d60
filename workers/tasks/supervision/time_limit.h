// TimeLimit: how much of its time an attempt has left, if time in which this process was stopped does not
// count. It reads no clock.
#pragma once

#include <algorithm>

#include "runner/core/sweep.h"

namespace sweepd {

/// The caller waits for at most next_slice() at a time and tells the time after each wait. Where more than
/// twice the longest slice went by, this process did not run meanwhile (SIGSTOP, scontrol suspend): that
/// counts as one slice.
class TimeLimit {
 public:
  static constexpr Duration longest_slice = std::chrono::seconds(1);

  /// `now` is of any clock that never goes back.
  TimeLimit(Duration limit, Duration now) : left_(limit), last_(now) {}

  Duration next_slice() const { return std::clamp(left_, Duration::zero(), longest_slice); }

  void advance_to(Duration now) {
    const Duration passed = now - last_;
    last_ = now;
    left_ -= passed > 2 * longest_slice ? longest_slice : passed;
  }

  bool is_over() const { return left_ <= Duration::zero(); }

 private:
  Duration left_;
  Duration last_;
};

}  // namespace sweepd
