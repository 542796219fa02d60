// How fast the pi kernel throws darts on one core, beside NumPy and beside loops written by hand for this
// processor. All sides take turns in one run; medians are printed as one JSON object, in 10^6 darts per
// second of processor time.
//   pi_bench [repeats = 5]
// The hand-written loops carry no blocks, keys or tails. All sides but NumPy count with integers:
//   same_resolution   the kernel's scheme (48 bits), its rare doubtful darts noticed but not judged
//   16_bit_*          16-bit coordinates and nothing else, whose mean is pi - 9e-7
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "runner/platform/clock.h"
#include "workers/tasks/pi/pi.h"
#include "workers/tasks/pi/pi_kernel.h"
#include "workers/tasks/pi/pi_stream.h"

#if defined(__x86_64__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // in GCC 12's own header
#include <immintrin.h>
#endif

namespace {

using namespace sweepd;

#if defined(__x86_64__)

template <typename Generator, size_t count>
void seed(std::array<Generator, count>& generators) {
  std::array<uint64_t, sizeof(generators) / sizeof(uint64_t)> words;
  for (size_t i = 0; i < words.size(); ++i) words[i] = pi_stream::mix64(pi_stream::golden * (i + 1));
  std::copy_n(reinterpret_cast<const char*>(words.data()), sizeof words,
              reinterpret_cast<char*>(&generators));
}

#pragma GCC push_options
#pragma GCC target("avx2")

struct Avx2 {
  using V = __m256i;
  static V xor3(V a, V b, V c) { return _mm256_xor_si256(_mm256_xor_si256(a, b), c); }
  template <int bits>
  static V rotate(V a) {
    return _mm256_or_si256(_mm256_slli_epi64(a, bits), _mm256_srli_epi64(a, 64 - bits));
  }
  static V zero() { return _mm256_setzero_si256(); }
  static uint64_t sum_16(V v) {
    alignas(32) uint16_t counts[16];
    _mm256_store_si256(reinterpret_cast<V*>(counts), v);
    uint64_t sum = 0;
    for (const uint16_t count : counts) sum += count;
    return sum;
  }
};

struct Avx2Xoroshiro {
  __m256i a, b;
  __m256i draw() {
    const __m256i word = _mm256_add_epi64(a, b);
    const __m256i x = _mm256_xor_si256(a, b);
    const __m256i sources = _mm256_setr_epi8(5, 6, 7, 0, 1, 2, 3, 4, 13, 14, 15, 8, 9, 10, 11, 12, 5, 6, 7, 0,
                                             1, 2, 3, 4, 13, 14, 15, 8, 9, 10, 11, 12);
    a = Avx2::xor3(_mm256_shuffle_epi8(a, sources), x, _mm256_slli_epi64(x, 16));
    b = Avx2::rotate<37>(x);
    return word;
  }
};

struct Avx2Xoshiro {
  __m256i a, b, c, d;
  __m256i draw() {
    const __m256i word = _mm256_add_epi64(a, d);
    const __m256i t = _mm256_slli_epi64(b, 17);
    const __m256i d1 = _mm256_xor_si256(d, b);
    const __m256i c1 = _mm256_xor_si256(c, a);
    b = _mm256_xor_si256(b, c1);
    a = _mm256_xor_si256(a, d1);
    c = _mm256_xor_si256(c1, t);
    d = Avx2::rotate<45>(d1);
    return word;
  }
};

uint64_t avx2_same_resolution(uint64_t darts) {
  std::array<Avx2Xoroshiro, 5> generators;
  seed(generators);
  const __m256i certain = _mm256_set1_epi16(-4);
  uint64_t hits = 0;
  uint64_t doubtful = 0;
  for (uint64_t left = darts / (16 * generators.size()); left > 0;) {
    const uint64_t steps = std::min<uint64_t>(left, 8192);
    __m256i counts = Avx2::zero();
    for (uint64_t step = 0; step < steps; ++step) {
      __m256i largest = Avx2::zero();
#pragma GCC unroll 16
      for (auto& generator : generators) {
        const __m256i x = generator.draw();
        const __m256i y = generator.draw();
        const __m256i term = _mm256_mulhi_epu16(x, x);
        const __m256i sum = _mm256_add_epi16(term, _mm256_mulhi_epu16(y, y));
        counts = _mm256_sub_epi16(counts, _mm256_cmpeq_epi16(_mm256_max_epu16(sum, term), sum));
        largest = _mm256_max_epu16(largest, sum);
      }
      const __m256i in_doubt = _mm256_cmpeq_epi16(_mm256_max_epu16(largest, certain), largest);
      if (__builtin_expect(_mm256_movemask_epi8(in_doubt) != 0, 0)) ++doubtful;
    }
    hits += Avx2::sum_16(counts);
    left -= steps;
  }
  return hits + doubtful % 2;
}

template <typename Generator, size_t vectors>
uint64_t avx2_16_bit(uint64_t darts) {
  std::array<Generator, vectors> generators;
  seed(generators);
  __m256i counts = Avx2::zero();
  for (uint64_t step = darts / (8 * vectors); step > 0; --step) {
#pragma GCC unroll 16
    for (auto& generator : generators) {
      const __m256i xy = generator.draw();
      counts = _mm256_add_epi32(counts, _mm256_srli_epi32(_mm256_madd_epi16(xy, xy), 30));
    }
  }
  alignas(32) std::array<uint32_t, 8> misses;
  _mm256_store_si256(reinterpret_cast<__m256i*>(misses.data()), counts);
  uint64_t hits = darts;
  for (const uint32_t count : misses) hits -= count;
  return hits;
}
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,bmi2,popcnt")

struct Avx512Xoroshiro {
  __m512i a, b;
  __m512i draw() {
    const __m512i word = _mm512_add_epi64(a, b);
    const __m512i x = _mm512_xor_si512(a, b);
    a = _mm512_ternarylogic_epi64(_mm512_rol_epi64(a, 24), x, _mm512_slli_epi64(x, 16), 0x96);
    b = _mm512_rol_epi64(x, 37);
    return word;
  }
};

struct Avx512Xoshiro {
  __m512i a, b, c, d;
  __m512i draw() {
    const __m512i word = _mm512_add_epi64(a, d);
    const __m512i t = _mm512_slli_epi64(b, 17);
    const __m512i d1 = _mm512_xor_si512(d, b);
    const __m512i b1 = _mm512_ternarylogic_epi64(b, c, a, 0x96);
    c = _mm512_ternarylogic_epi64(c, a, t, 0x96);
    a = _mm512_xor_si512(a, d1);
    b = b1;
    d = _mm512_rol_epi64(d1, 45);
    return word;
  }
};

uint64_t avx512_same_resolution(uint64_t darts) {
  std::array<Avx512Xoroshiro, 8> generators;
  seed(generators);
  const __m512i certain = _mm512_set1_epi16(-5);
  uint64_t misses = 0;
  uint64_t doubtful = 0;
  for (uint64_t step = darts / (32 * generators.size()); step > 0; --step) {
    __m512i largest = _mm512_setzero_si512();
#pragma GCC unroll 16
    for (auto& generator : generators) {
      const __m512i x = generator.draw();
      const __m512i y = generator.draw();
      const __m512i term = _mm512_mulhi_epu16(x, x);
      const __m512i sum = _mm512_add_epi16(term, _mm512_mulhi_epu16(y, y));
      misses += static_cast<uint64_t>(_mm_popcnt_u32(_mm512_cmplt_epu16_mask(sum, term)));
      largest = _mm512_max_epu16(largest, sum);
    }
    if (__builtin_expect(_mm512_cmpgt_epu16_mask(largest, certain) != 0, 0)) ++doubtful;
  }
  return darts - misses + doubtful % 2;
}

template <typename Generator, size_t vectors>
uint64_t avx512_16_bit(uint64_t darts) {
  std::array<Generator, vectors> generators;
  seed(generators);
  const __m512i radius_squared = _mm512_set1_epi32(1 << 30);
  uint64_t hits = 0;
  for (uint64_t step = darts / (16 * vectors); step > 0; --step) {
#pragma GCC unroll 16
    for (auto& generator : generators) {
      const __m512i xy = generator.draw();
      hits += static_cast<uint64_t>(
          _mm_popcnt_u32(_mm512_cmplt_epu32_mask(_mm512_madd_epi16(xy, xy), radius_squared)));
    }
  }
  return hits;
}
#pragma GCC pop_options

#endif  // __x86_64__

using Loop = std::function<uint64_t(uint64_t darts)>;

struct Side {
  std::string name;
  uint64_t darts;
  Loop loop;
  std::vector<double> rates = {};
};

/// Darts per second of processor time.
double rate(const Side& side) {
  const int64_t begin = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
  const uint64_t hits = side.loop(side.darts);
  const int64_t end = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
  const double pi = pi_estimate(hits, side.darts);
  if (pi < 3.14 || pi > 3.143) {
    std::fprintf(stderr, "pi_bench: %s makes pi %.6f\n", side.name.c_str(), pi);
    std::exit(1);
  }
  return static_cast<double>(side.darts) / (static_cast<double>(end - begin) * 1e-9);
}

/// The formula of NumPy courses, with arrays of 10^6 darts; 0 where there is no NumPy.
double numpy_rate() {
  constexpr const char* command =
      "/usr/bin/python3 -c '"
      "import numpy as np, time\n"
      "n = 10**6\n"
      "begin = time.process_time()\n"
      "for _ in range(10):\n"
      "    x = np.random.random(n); y = np.random.random(n); hits = np.sum(x*x + y*y <= 1)\n"
      "print(10 * n / (time.process_time() - begin))' 2>/dev/null";
  FILE* pipe = popen(command, "r");
  double darts_per_second = 0;
  if (pipe == nullptr || std::fscanf(pipe, "%lf", &darts_per_second) != 1) darts_per_second = 0;
  if (pipe != nullptr) pclose(pipe);
  return darts_per_second;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::vector<Side> kernel_sides() {
  std::vector<Side> sides = {{"kernel", uint64_t{1} << 30, [](uint64_t darts) { return pi_hits(1, darts); }}};
  for (const PiInstructionSet& set : pi_instruction_sets())
    sides.push_back({"kernel_" + std::string(set.name), uint64_t{1} << (set.name == "scalar" ? 25 : 29),
                     [set](uint64_t darts) { return set.hits(1, darts, 0, pi_blocks(darts)); }});
  return sides;
}

std::vector<Side> hand_written_sides(std::string_view instruction_set) {
#if defined(__x86_64__)
  constexpr uint64_t darts = uint64_t{1} << 29;
  if (instruction_set == "AVX-512")
    return {{"AVX-512_same_resolution", darts, avx512_same_resolution},
            {"AVX-512_16_bit_xoroshiro128+", darts / 192 * 192, avx512_16_bit<Avx512Xoroshiro, 12>},
            {"AVX-512_16_bit_xoshiro256+", darts, avx512_16_bit<Avx512Xoshiro, 4>}};
  if (instruction_set == "AVX2")
    return {{"AVX2_same_resolution", darts / 80 * 80, avx2_same_resolution},
            {"AVX2_16_bit_xoroshiro128+", darts / 48 * 48, avx2_16_bit<Avx2Xoroshiro, 6>},
            {"AVX2_16_bit_xoshiro256+", darts, avx2_16_bit<Avx2Xoshiro, 2>}};
#endif
  return {};
}

/// Nanoseconds for each of many calls.
double cost(const std::function<void(uint64_t)>& call) {
  constexpr uint64_t calls = 200'000;
  const int64_t begin = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
  for (uint64_t i = 0; i < calls; ++i) call(i);
  return static_cast<double>(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - begin) / calls;
}

struct Call {
  const char* name;
  std::function<void(uint64_t)> call;
  std::vector<double> costs = {};
};

std::vector<Call> small_calls() {
  static uint64_t hits = 0;
  const auto kernel = [](uint64_t darts) { return [darts](uint64_t seed) { hits += pi_hits(seed, darts); }; };
  const auto point = [runner = PiRunner(), darts = Point{{"darts", Value::of(int64_t{1})}},
                      text = std::string()](uint64_t seed) mutable {
    text.clear();
    static_cast<void>(runner.run({seed, "0", seed, darts, "{}"}, text));
  };
  return {{"1_dart", kernel(1)},
          {"10_darts", kernel(10)},
          {"100_darts", kernel(100)},
          {"1000_darts", kernel(1000)},
          {"a_point_of_1_dart", point}};
}

double rate_of(const std::vector<Side>& sides, const std::string& name) {
  for (const Side& side : sides)
    if (side.name == name) return median(side.rates);
  return 0;
}

void print_ratios(const std::vector<Side>& sides, double numpy) {
  const char* separator = "";
  const auto print = [&](const std::string& set, const char* name, double ratio) {
    std::printf("%s\"%s to %s\": %.3f", separator, set.c_str(), name, ratio);
    separator = ", ";
  };
  std::printf(" \"ratios\": {");
  for (const std::string set : {"AVX-512", "AVX2"}) {
    const double kernel = rate_of(sides, "kernel_" + set);
    if (kernel <= 0) continue;
    if (numpy > 0) print(set, "NumPy", kernel / numpy);
    for (const char* loop : {"_same_resolution", "_16_bit_xoroshiro128+", "_16_bit_xoshiro256+"})
      print(set, loop + 1, kernel / rate_of(sides, set + loop));
  }
  std::printf("}\n");
}

}  // namespace

int main(int argc, char** argv) {
  const int repeats = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
  std::vector<Side> sides = kernel_sides();
  for (const PiInstructionSet& set : pi_instruction_sets())
    for (Side& side : hand_written_sides(set.name)) sides.push_back(std::move(side));
  std::vector<Call> calls = small_calls();
  std::vector<double> numpy;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    for (Side& side : sides) side.rates.push_back(rate(side));
    for (Call& call : calls) call.costs.push_back(cost(call.call));
    numpy.push_back(numpy_rate());
  }
  std::printf("{\"instruction_set\": \"%s\", \"repeats\": %d,\n \"million_darts_per_second\": {",
              std::string(pi_instruction_set()).c_str(), repeats);
  for (const Side& side : sides) std::printf("\"%s\": %.0f, ", side.name.c_str(), median(side.rates) * 1e-6);
  std::printf("\"NumPy\": %.1f},\n \"nanoseconds\": {", median(numpy) * 1e-6);
  for (const Call& call : calls)
    std::printf("%s\"%s\": %.1f", &call == &calls.front() ? "" : ", ", call.name, median(call.costs));
  std::printf("},\n");
  print_ratios(sides, median(numpy));
  std::printf("}\n");
}
