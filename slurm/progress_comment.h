// Progress in one short text, for squeue.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sweepd {

struct CommentFigures {
  uint64_t done = 0;  ///< of all points, the failed ones included
  uint64_t total = 0;
  uint64_t failed = 0;
  std::optional<double> eta_s;
};

/// `40 % 12/30 ETA 2m`, `99 % 1.1M/1.2M 3 failed ETA 1h05m`. Never 100 % before the last point is done.
std::string progress_comment(const CommentFigures& figures);

/// 9999, 12.3k, 123k, 1.2M: cut off, not rounded.
std::string short_count(uint64_t count);

/// 45s, 2m, 1h05m, 3d4h.
std::string short_time(double seconds);

}  // namespace sweepd
