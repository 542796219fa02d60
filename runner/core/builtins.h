// What a command's arguments may name beside the point's parameters, which win over these.
#pragma once

#include <cstdint>
#include <string_view>

#include "runner/core/point.h"
#include "runner/core/program_seeds.h"

namespace sweepd {

inline constexpr std::string_view builtin_names[] = {"index", "id", "seed", "seed64", "cores", "attempt"};

/// The values of builtin_names for a point; `id` has to outlive them. `seed`: all 64 bits of the point's.
inline Point builtins_of(uint64_t index, std::string_view id, uint64_t seed, uint32_t cores,
                         uint32_t attempt) {
  return {{"index", Value::of(static_cast<int64_t>(index))},
          {"id", Value::of(id)},
          {"seed", Value::of(program_seed(seed))},
          {"seed64", Value::of(program_seed64(seed))},
          {"cores", Value::of(int64_t{cores})},
          {"attempt", Value::of(int64_t{attempt})}};
}

}  // namespace sweepd
