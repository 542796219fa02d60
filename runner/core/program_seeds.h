// A point's seed (identity.h) as programs can take it. Built-in kernels use all of its 64 bits.
#pragma once

#include <cstdint>

namespace sweepd {

/// {seed64} and SWEEPD_SEED64: the upper 63 bits, so that it fits a signed integer of 64 bits.
constexpr int64_t program_seed64(uint64_t seed) { return static_cast<int64_t>(seed >> 1); }

/// {seed} and SWEEPD_SEED: 1 + {seed64} mod 899,999,999, so from 1 to 899,999,999, which every program takes:
/// LAMMPS wants 1 to 900,000,000; C's srand(atoi(s)), R, Fortran and awk want 31 bits, NumPy 32. Made of
/// {seed64}, so that whoever has that can compute it.
constexpr int64_t program_seed(uint64_t seed) { return 1 + program_seed64(seed) % 899'999'999; }

}  // namespace sweepd
