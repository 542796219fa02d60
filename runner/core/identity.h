// Who a point is: its id and seed, from its content alone.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "runner/core/point.h"

namespace sweepd {

/// 20 lower-case hexadecimal digits.
using PointId = std::array<char, 20>;
inline std::string_view text_of(const PointId& id) { return {id.data(), id.size()}; }

/// The hashes are XXH3's (xxhash.com), whose values are fixed by its specification, so ids and seeds are the
/// same in every version of sweepd and can be recomputed with other tools:
///   id   = first 20 hex digits of XXH3_128(canonical ++ "#" ++ replicate, seed = XXH3_64(task text))
///   seed = XXH3_64(id, seed = the sweep's seed); programs are given what program_seeds.h makes of it
/// `canonical` is the JSON of the parameters in byte order of their names, without spaces, but with NaN,
/// Infinity and -Infinity unquoted, so that they differ from strings: Python's json.dumps(params,
/// sort_keys=True, ensure_ascii=False, separators=(",", ":")). `replicate` is the decimal number of equal
/// points before this one. A 128-bit hash is written from its most significant digit on.
class Identity {
 public:
  Identity(std::string_view task_text, uint64_t sweep_seed);

  /// `params_json` is append_json() of `point`; it is used as it stands where the names are sorted already.
  PointId id(const Point& point, std::string_view params_json, uint64_t replicate);
  uint64_t seed(const PointId& id) const;

 private:
  uint64_t task_hash_;
  uint64_t sweep_seed_;
  std::string scratch_;
  Point sorted_;
};

}  // namespace sweepd
