#include "workers/tasks/pi/pi.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numbers>

#include "workers/tasks/pi/pi_kernel.h"
#include "workers/tasks/pi/pi_stream.h"

namespace sweepd {
namespace {

constexpr uint64_t side = 65536;  // of the square in cells

uint64_t reference(uint64_t seed, uint64_t darts) { return pi_hits_scalar(seed, darts, 0, pi_blocks(darts)); }

/// The area of the quarter disc of radius `side` left of x.
double area_left_of(double x) {
  constexpr double r = side;
  return (x * std::sqrt(r * r - x * x) + r * r * std::asin(x / r)) / 2;
}

/// The area of cell (x, y) that lies inside of the circle; the cell is one that the circle crosses.
double area_inside(uint64_t x, uint64_t y) {
  constexpr double r = side;
  const auto low = static_cast<double>(y);
  const auto left = static_cast<double>(x);
  // The circle is above the cell from `left` to `full`, and above its lower edge up to `end`.
  const auto reach = [](double height) { return height >= r ? 0.0 : std::sqrt(r * r - height * height); };
  const double full = std::clamp(reach(low + 1), left, left + 1);
  const double end = std::clamp(reach(low), left, left + 1);
  return (full - left) + area_left_of(end) - area_left_of(full) - low * (end - full);
}

enum class Place { inside, crossed, outside };

Place place_of(uint64_t x, uint64_t y) {
  if ((x + 1) * (x + 1) + (y + 1) * (y + 1) <= side * side) return Place::inside;
  return x * x + y * y >= side * side ? Place::outside : Place::crossed;
}

/// The lowest cell of column x that is not inside as a whole.
uint64_t lowest_doubtful(uint64_t x) {
  uint64_t y = static_cast<uint64_t>(std::sqrt(static_cast<double>(side * side - (x + 1) * (x + 1))));
  while (y > 0 && place_of(x, y - 1) != Place::inside) --y;
  while (place_of(x, y) == Place::inside) ++y;
  return y;
}

struct Fixture {
  Point point;
  std::string result;
  Outcome run(uint64_t seed) {
    PiRunner runner;
    result.clear();
    return runner.run({0, "00", seed, point, "{}"}, result);
  }
};

}  // namespace

TEST_CASE("pi: every instruction set of this machine makes the hits of the reference") {
  for (const PiInstructionSet& set : pi_instruction_sets()) {
    CAPTURE(set.name);
    for (const uint64_t darts :
         {uint64_t{1}, uint64_t{2}, uint64_t{3}, uint64_t{4}, uint64_t{5}, uint64_t{31}, uint64_t{32},
          uint64_t{33}, uint64_t{127}, uint64_t{255}, uint64_t{256}, uint64_t{257}, uint64_t{1000},
          uint64_t{65537}, pi_block_darts - 1, pi_block_darts, pi_block_darts + 1, 3 * pi_block_darts + 4321})
      for (uint64_t seed = 0; seed < 12; ++seed) {
        CAPTURE(darts);
        CAPTURE(seed);
        const uint64_t mixed = pi_stream::mix64(seed);
        REQUIRE(set.hits(mixed, darts, 0, pi_blocks(darts)) == reference(mixed, darts));
      }
  }
}

TEST_CASE("pi: every count of darts up to three steps is the reference's on every instruction set") {
  for (const PiInstructionSet& set : pi_instruction_sets())
    for (uint64_t darts = 1; darts <= 3 * pi_stream::darts_per_step; ++darts) {
      CAPTURE(set.name);
      CAPTURE(darts);
      REQUIRE(set.hits(darts, darts, 0, 1) == reference(darts, darts));
      REQUIRE(pi_hits(darts, darts) == reference(darts, darts));
    }
}

TEST_CASE("pi: the hits are those written down, in every version") {
  struct Golden {
    uint64_t seed, darts, hits;
  };
  constexpr std::array golden = {Golden{0u, 1, 1},
                                 Golden{0u, 1000, 787},
                                 Golden{0u, 1000000, 785387},
                                 Golden{1u, 1, 1},
                                 Golden{1u, 1000000, 785824},
                                 Golden{42u, 1, 1},
                                 Golden{42u, 10, 6},
                                 Golden{42u, 100000, 78408},
                                 Golden{42u, 3000000, 2356246},
                                 Golden{18446744073709551615u, 262145, 205727},
                                 Golden{11400714819323198485u, 5000000, 3928087}};
  for (const Golden& known : golden) {
    CAPTURE(known.seed);
    CAPTURE(known.darts);
    CHECK(pi_hits(known.seed, known.darts) == known.hits);
    CHECK(reference(known.seed, known.darts) == known.hits);
  }
}

TEST_CASE("pi: the hits do not depend on how the blocks are split") {
  const uint64_t darts = 11 * pi_block_darts + 777;
  const uint64_t blocks = pi_blocks(darts);
  REQUIRE(blocks == 12);
  const uint64_t whole = pi_hits(5, darts);
  for (uint64_t parts = 1; parts <= blocks + 1; ++parts) {
    uint64_t hits = 0;
    for (uint64_t part = 0; part < parts; ++part)
      hits += pi_hits(5, darts, blocks * part / parts, blocks * (part + 1) / parts);
    CHECK(hits == whole);
  }
}

TEST_CASE("pi: fewer darts are the first of more") {
  uint64_t before = 0;
  for (uint64_t darts = 1; darts <= 2000; ++darts) {
    const uint64_t hits = pi_hits(99, darts);
    REQUIRE(hits >= before);
    REQUIRE(hits <= before + 1);
    before = hits;
  }
}

TEST_CASE("pi: 2^53 darts have a last block like any other") {
  const uint64_t blocks = pi_blocks(max_darts);
  CHECK(blocks == uint64_t{1} << 35);
  const uint64_t last = pi_hits_scalar(1, max_darts, blocks - 1, blocks);
  CHECK(last > pi_block_darts / 4 * 3);
  CHECK(last < pi_block_darts);
  for (const PiInstructionSet& set : pi_instruction_sets())
    CHECK(set.hits(1, max_darts, blocks - 1, blocks) == last);
}

TEST_CASE("pi: a drawn word can be taken back") {
  uint64_t a = 0x0123456789abcdef;
  uint64_t b = 0xfedcba9876543210;
  for (int i = 0; i < 100; ++i) {
    const uint64_t before_a = a;
    const uint64_t before_b = b;
    const uint64_t word = pi_stream::draw(a, b);
    uint64_t back_a = a;
    uint64_t back_b = b;
    CHECK(pi_stream::undraw(back_a, back_b) == word);
    CHECK(back_a == before_a);
    CHECK(back_b == before_b);
  }
}

TEST_CASE("pi: the estimates of many seeds are distributed as theory has it") {
  // z is standard normal to good approximation, so the mean of 1000 lies within 4 / sqrt(1000), and the sum
  // of their squares, chi-square with 1000 degrees of freedom, within 4 standard deviations of sqrt(2000).
  constexpr uint64_t seeds = 1000;
  constexpr uint64_t darts = 200'000;
  constexpr double p = std::numbers::pi / 4;
  double sum = 0;
  double squares = 0;
  double largest = 0;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    const double hits = static_cast<double>(pi_hits(pi_stream::mix64(seed + 1000), darts));
    const double z = (hits - darts * p) / std::sqrt(darts * p * (1 - p));
    sum += z;
    squares += z * z;
    largest = std::max(largest, std::fabs(z));
  }
  CHECK(std::fabs(sum / seeds) < 4 / std::sqrt(1000.0));
  CHECK(std::fabs(squares - seeds) < 4 * std::sqrt(2.0 * seeds));
  CHECK(largest < 5);
}

TEST_CASE("pi: neighbouring seeds and the blocks of one seed are independent") {
  // Were darts shared, the sums over 256 seeds and over 256 blocks would scatter more than single ones do.
  constexpr double p = std::numbers::pi / 4;
  uint64_t of_seeds = 0;
  for (uint64_t seed = 0; seed < 256; ++seed) of_seeds += pi_hits(seed, pi_block_darts);
  const uint64_t of_blocks = pi_hits(0, 256 * pi_block_darts);
  constexpr double darts = 256.0 * pi_block_darts;
  const double sigma = std::sqrt(darts * p * (1 - p));
  CHECK(std::fabs(static_cast<double>(of_seeds) - darts * p) < 4 * sigma);
  CHECK(std::fabs(static_cast<double>(of_blocks) - darts * p) < 4 * sigma);
  CHECK(of_seeds != of_blocks);
}

TEST_CASE("pi: cells that the circle does not cross are decided as wholes, and the decided areas make pi") {
  const pi_stream::Keys keys = pi_stream::keys_of(1, 2);
  double area = 0;
  uint64_t crossed = 0;
  for (uint64_t x = 0; x < side; ++x) {
    uint64_t y = lowest_doubtful(x);
    area += static_cast<double>(y);
    if (y > 0) REQUIRE(pi_stream::inside(keys, x, x, y - 1));
    for (; y < side && place_of(x, y) == Place::crossed; ++y, ++crossed) area += area_inside(x, y);
    if (y < side) REQUIRE_FALSE(pi_stream::inside(keys, x, x, y));
  }
  CHECK(crossed == 2 * side - 1);
  constexpr double cells = static_cast<double>(side) * side;
  CHECK(area / cells == doctest::Approx(std::numbers::pi / 4).epsilon(1e-12));
}

TEST_CASE("pi: darts on crossed cells are hits as often as the cells' areas say") {
  // Many darts on every 13th column's crossed cells: sums of independent trials with known chances.
  const pi_stream::Keys keys = pi_stream::keys_of(3, 4);
  uint64_t n = 0;
  double difference = 0;
  double variance = 0;
  double chi_square = 0;
  uint64_t cells = 0;
  for (uint64_t x = 0; x < side; x += 13)
    for (uint64_t y = lowest_doubtful(x); y < side && place_of(x, y) == Place::crossed; ++y) {
      constexpr int darts = 200;
      const double chance = area_inside(x, y);
      uint64_t hits = 0;
      for (int dart = 0; dart < darts; ++dart) hits += pi_stream::inside(keys, n++, x, y);
      const double excess = static_cast<double>(hits) - darts * chance;
      difference += excess;
      variance += darts * chance * (1 - chance);
      if (chance < 0.1 || chance > 0.9) continue;
      chi_square += excess * excess / (darts * chance * (1 - chance));
      ++cells;
    }
  CHECK(std::fabs(difference) < 4 * std::sqrt(variance));
  const auto freedom = static_cast<double>(cells);
  CHECK(std::fabs(chi_square - freedom) < 4 * std::sqrt(2 * freedom));
}

TEST_CASE("pi: the refined place does not depend on the cell and is uniform") {
  // The extra bits: 16 * 16 sub-cells over 2^16 darts, chi-square with 255 degrees of freedom.
  const pi_stream::Keys keys = pi_stream::keys_of(7, 0);
  std::array<int, 256> counts{};
  for (uint64_t n = 0; n < 65536; ++n) {
    const uint64_t more = pi_stream::refinement(keys, n);
    ++counts[more >> 60 << 4 | (more >> 28 & 15)];
  }
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - 256.0) * (count - 256.0) / 256;
  CHECK(chi_square > 255 - 4 * std::sqrt(510.0));
  CHECK(chi_square < 255 + 4 * std::sqrt(510.0));
}

TEST_CASE("pi: the estimate and its standard error follow the formulas") {
  CHECK(pi_estimate(785, 1000) == 3.14);
  CHECK(pi_estimate(1, 1) == 4.0);
  CHECK(pi_estimate(max_darts, max_darts) == 4.0);
  CHECK(pi_standard_error(1, 1) == 0.0);
  CHECK(pi_standard_error(50, 100) == doctest::Approx(0.2));
  CHECK(pi_standard_error(785, 1000) == doctest::Approx(0.0519654).epsilon(1e-5));
  CHECK(pi_standard_error(7074237752028440, max_darts) == doctest::Approx(1.7302e-8).epsilon(1e-4));
}

TEST_CASE("pi: a point's result holds pi, hits, darts and standard_error") {
  Fixture fixture;
  fixture.point = {{"trial", Value::of(int64_t{3})}, {"darts", Value::of(1e6)}};
  REQUIRE_FALSE(fixture.run(42).failure);
  const auto json = nlohmann::ordered_json::parse(fixture.result);
  REQUIRE(json.size() == 4);
  const uint64_t hits = pi_hits(42, 1'000'000);
  CHECK(json["hits"].is_number_unsigned());
  CHECK(json["hits"] == hits);
  CHECK(json["darts"].is_number_unsigned());
  CHECK(json["darts"] == 1'000'000);
  CHECK(json["pi"] == pi_estimate(hits, 1'000'000));
  CHECK(json["standard_error"] == pi_standard_error(hits, 1'000'000));
  CHECK(json.begin().key() == "pi");
}

TEST_CASE("pi: one dart is a point") {
  Fixture fixture;
  fixture.point = {{"darts", Value::of(int64_t{1})}};
  REQUIRE_FALSE(fixture.run(0).failure);
  CHECK((fixture.result == R"({"pi":4.0,"hits":1,"darts":1,"standard_error":0.0})" ||
         fixture.result == R"({"pi":0.0,"hits":0,"darts":1,"standard_error":0.0})"));
}

TEST_CASE("pi: darts that are no whole number from 1 to 2^53 fail the point and say so") {
  const std::array bad = {Value::of(int64_t{0}),
                          Value::of(int64_t{-5}),
                          Value::of(static_cast<int64_t>(max_darts) + 1),
                          Value::of(0.0),
                          Value::of(1.5),
                          Value::of(1e300),
                          Value::of(std::numeric_limits<double>::quiet_NaN()),
                          Value::of(std::numeric_limits<double>::infinity()),
                          Value::of(true),
                          Value::null(),
                          Value::of(std::string_view("1000"))};
  for (const Value& value : bad) {
    Fixture fixture;
    fixture.point = {{"darts", value}};
    const Outcome outcome = fixture.run(1);
    REQUIRE(outcome.failure);
    CHECK(outcome.failure->kind == ErrorKind::result);
    CHECK(outcome.failure->message.find("'darts' must be a whole number from 1 to 9007199254740992") == 0);
  }
  Fixture fixture;
  REQUIRE(fixture.run(1).failure);
  CHECK(fixture.run(1).failure->message.find("'darts'") != std::string::npos);
}

TEST_CASE("pi: the instruction set in use is the first of those there are") {
  CHECK_FALSE(pi_instruction_sets().empty());
  CHECK(pi_instruction_set() == pi_instruction_sets().front().name);
}

}  // namespace sweepd
