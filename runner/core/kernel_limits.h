// What the built-in kernels take: for who checks a sweep file and for who computes.
#pragma once

#include <cstdint>

namespace sweepd {

/// The most darts of a point, and of a round of a gang: counts stay exact in every reader of JSON.
inline constexpr uint64_t max_darts = uint64_t{1} << 53;
inline constexpr uint32_t max_gang_members = 4096;
inline constexpr uint32_t max_gang_rounds = 1000;

}  // namespace sweepd
