// WorkerId: a worker, by its number from 0 on; no count of workers and no index of a point.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace sweepd {

struct WorkerId {
  constexpr WorkerId() = default;
  explicit constexpr WorkerId(uint32_t place) : number(place) {}

  uint32_t number = 0;
  friend constexpr auto operator<=>(const WorkerId&, const WorkerId&) = default;
};

}  // namespace sweepd

template <>
struct std::hash<sweepd::WorkerId> {
  size_t operator()(sweepd::WorkerId worker) const noexcept { return worker.number; }
};
