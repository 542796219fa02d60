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

/// How ids and seeds are made has a number, which every manifest tells. A directory of another one is not
/// carried on. Nothing here may change without another number, and a new number throws away what users have
/// computed: a new kind of task adds texts, and leaves those of the others as they are.
inline constexpr uint64_t identity_version = 2;

/// The hashes are XXH3's (xxhash.com), whose values are fixed by its specification, so ids and seeds are the
/// same in every version of sweepd and can be recomputed with other tools:
///   id   = first 20 hex digits of XXH3_128(canonical ++ "#" ++ replicate, seed = XXH3_64(task))
///   seed = XXH3_64(id, seed = the sweep's seed); programs are given what program_seeds.h makes of it
/// `canonical` is the JSON of the parameters in byte order of their names, without spaces, but with NaN,
/// Infinity and -Infinity unquoted, so that they differ from strings: Python's json.dumps(params,
/// sort_keys=True, ensure_ascii=False, separators=(",", ":")). A value with a spelling is followed by "=" and
/// the spelling as a JSON string: {"x":1="01"}. `replicate` is the decimal number of equal points before this
/// one. `task` is the JSON of what is run and not of what is read from it (Sweep::task_identity). A 128-bit
/// hash is written from its most significant digit on.
class Identity {
 public:
  Identity(std::string_view task_identity, uint64_t sweep_seed);

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
