#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <set>

#include "tests/core/space_check.h"

using namespace sweepd;
using namespace sweepd::test;

namespace {

constexpr SampleMethod methods[] = {SampleMethod::random, SampleMethod::lhs, SampleMethod::halton};

SpacePtr sample(SampleMethod method, uint64_t count, std::vector<Dimension> space, uint64_t seed = 42) {
  return make_sample(method, count, std::move(space), seed, {}).value();
}
std::vector<Value> column(const SpacePtr& space, size_t number) {
  std::vector<Value> values;
  for (uint64_t i = 0; i < space->size(); ++i) values.push_back(space->at(i).at(number).value);
  return values;
}
std::string error_of(uint64_t count, std::vector<Dimension> space) {
  return message_of(make_sample(SampleMethod::random, count, std::move(space), 1, {}));
}

const Dimension unit_x = {"x", Uniform{0, 1}, {"s.yaml", 5, 3}};
const Dimension unit_y = {"y", Uniform{0, 1}, {}};

/// Chi-square of `counts` against equal shares.
double chi_square(const std::vector<uint64_t>& counts) {
  double total = 0, sum = 0;
  for (const uint64_t count : counts) total += static_cast<double>(count);
  const double share = total / static_cast<double>(counts.size());
  for (const uint64_t count : counts) sum += std::pow(static_cast<double>(count) - share, 2) / share;
  return sum;
}

}  // namespace

TEST_CASE("sample: every draw is within its bounds and of its type") {
  for (const SampleMethod method : methods) {
    const SpacePtr space = sample(method, 3000,
                                  {{"u", Uniform{-2, 3}, {}},
                                   {"l", LogUniform{1e-5, 1e-1}, {}},
                                   {"n", Integers{-3, 4}, {}},
                                   {"c", Choice{{text("a"), text("b"), integer(7)}}, {}},
                                   {"narrow", Uniform{1, 1 + 4.5e-16}, {}}});
    std::set<int64_t> seen;
    for (uint64_t i = 0; i < space->size(); ++i) {
      const Point point = space->at(i);
      REQUIRE((point[0].value.real() >= -2 && point[0].value.real() < 3));
      REQUIRE((point[1].value.real() >= 1e-5 && point[1].value.real() < 1e-1));
      REQUIRE((point[2].value.integer() >= -3 && point[2].value.integer() <= 4));
      REQUIRE((point[3].value == integer(7) || point[3].value.type() == ValueType::string));
      REQUIRE((point[4].value.real() >= 1 && point[4].value.real() < 1 + 4.5e-16));
      seen.insert(point[2].value.integer());
    }
    CHECK(seen.size() == 8);
    check_columns(*space);
    check_ranks(*space);
  }
}

TEST_CASE("sample: the points are those of every other version") {
  const std::vector<Dimension> space = {
      unit_x, {"lr", LogUniform{1e-5, 1e-1}, {}}, {"n", Integers{1, 100}, {}}};
  CHECK(json_at(sample(SampleMethod::random, 10, space), 3) ==
        R"({"x":0.3562364314793355,"lr":8.750835360982465e-05,"n":11})");
  CHECK(json_at(sample(SampleMethod::lhs, 10, space), 3) ==
        R"({"x":0.6356236431479335,"lr":0.00312036179102802,"n":82})");
  CHECK(json_at(sample(SampleMethod::halton, 10, space), 3) ==
        R"({"x":0.046140241222990874,"lr":0.04101331482716931,"n":48})");
}

TEST_CASE("sample: seeds, names and methods make a difference, other parameters do not") {
  const std::vector<Value> x = column(sample(SampleMethod::random, 50, {unit_x}), 0);
  CHECK(column(sample(SampleMethod::random, 50, {unit_y, unit_x}), 1) == x);
  CHECK(column(sample(SampleMethod::random, 60, {unit_x}), 0)[49] == x[49]);
  CHECK(column(sample(SampleMethod::random, 50, {unit_y}), 0) != x);
  CHECK(column(sample(SampleMethod::random, 50, {unit_x}, 43), 0) != x);
  CHECK(column(sample(SampleMethod::lhs, 50, {unit_x}), 0) != x);
  CHECK(column(sample(SampleMethod::halton, 50, {unit_x}), 0) !=
        column(sample(SampleMethod::halton, 50, {unit_x}, 1), 0));
}

TEST_CASE("sample: random draws are uniform and dimensions independent") {
  const SpacePtr space = sample(SampleMethod::random, 100000, {unit_x, unit_y});
  std::vector<uint64_t> cells(100);
  for (uint64_t i = 0; i < space->size(); ++i) {
    const Point point = space->at(i);
    ++cells[static_cast<size_t>(point[0].value.real() * 10) * 10 +
            static_cast<size_t>(point[1].value.real() * 10)];
  }
  CHECK(chi_square(cells) < 160);  // 99 degrees of freedom: one seed in ten thousand is above
  CHECK(chi_square(cells) > 50);
}

TEST_CASE("sample: a Latin hypercube has one point in each stratum of each dimension") {
  for (const uint64_t count : {1u, 2u, 3u, 5u, 16u, 17u, 100u, 1000u, 4097u}) {
    const SpacePtr space = sample(SampleMethod::lhs, count, {unit_x, unit_y});
    for (size_t dimension = 0; dimension < 2; ++dimension) {
      std::vector<int> strata(count);
      for (const Value& value : column(space, dimension))
        ++strata[static_cast<size_t>(value.real() * static_cast<double>(count))];
      REQUIRE(strata == std::vector<int>(count, 1));
    }
  }
}

TEST_CASE("sample: a Latin hypercube pairs strata without a pattern") {
  const SpacePtr space = sample(SampleMethod::lhs, 10000, {unit_x, unit_y});
  std::vector<uint64_t> cells(100);
  double correlation = 0;
  for (uint64_t i = 0; i < space->size(); ++i) {
    const Point point = space->at(i);
    const double x = point[0].value.real(), y = point[1].value.real();
    ++cells[static_cast<size_t>(x * 10) * 10 + static_cast<size_t>(y * 10)];
    correlation += 12 * (x - 0.5) * (y - 0.5) / 10000;
  }
  CHECK(chi_square(cells) < 140);  // 81 degrees of freedom
  CHECK(std::fabs(correlation) < 0.04);
}

TEST_CASE("sample: Halton is the rotated radical inverse") {
  const SpacePtr space = sample(SampleMethod::halton, 16, {unit_x, unit_y});
  const double halves[] = {0, 1.0 / 2, 1.0 / 4, 3.0 / 4, 1.0 / 8, 5.0 / 8};
  const double thirds[] = {0, 1.0 / 3, 2.0 / 3, 1.0 / 9, 4.0 / 9, 7.0 / 9};
  const Point origin = space->at(0);
  for (uint64_t i = 0; i < 6; ++i) {
    const Point point = space->at(i);
    const double x = point[0].value.real() - origin[0].value.real(),
                 y = point[1].value.real() - origin[1].value.real();
    CHECK(x - std::floor(x) == doctest::Approx(halves[i]));
    CHECK(y - std::floor(y) == doctest::Approx(thirds[i]));
  }
}

TEST_CASE("sample: Halton fills evenly") {
  const SpacePtr space = sample(SampleMethod::halton, 3600, {unit_x, unit_y});
  std::vector<uint64_t> cells(36);
  for (uint64_t i = 0; i < space->size(); ++i) {
    const Point point = space->at(i);
    ++cells[static_cast<size_t>(point[0].value.real() * 6) * 6 +
            static_cast<size_t>(point[1].value.real() * 6)];
  }
  for (const uint64_t count : cells) CHECK((count > 90 && count < 110));
}

TEST_CASE("sample: integers and choices are drawn without bias") {
  const SpacePtr space =
      sample(SampleMethod::random, 70000,
             {{"n", Integers{1, 7}, {}}, {"c", Choice{{integer(0), integer(1), integer(2)}}, {}}});
  std::vector<uint64_t> sevens(7), thirds(3);
  for (uint64_t i = 0; i < space->size(); ++i) {
    const Point point = space->at(i);
    ++sevens[static_cast<size_t>(point[0].value.integer() - 1)];
    ++thirds[static_cast<size_t>(point[1].value.integer())];
  }
  CHECK(chi_square(sevens) < 28);
  CHECK(chi_square(thirds) < 19);
}

TEST_CASE("sample: all 64-bit integers can be drawn") {
  constexpr int64_t least = std::numeric_limits<int64_t>::min(), most = std::numeric_limits<int64_t>::max();
  const SpacePtr space = sample(SampleMethod::random, 1000, {{"n", Integers{least, most}, {}}});
  CHECK(space->distinct());
  CHECK(column(sample(SampleMethod::random, 3, {{"n", Integers{5, 5}, {}}}), 0) ==
        std::vector<Value>{integer(5), integer(5), integer(5)});
}

TEST_CASE("sample: equal draws of discrete dimensions are replicates") {
  for (const SampleMethod method : methods) {
    const SpacePtr space =
        sample(method, 500, {{"n", Integers{1, 9}, {}}, {"c", Choice{{text("a"), text("b")}}, {}}});
    CHECK_FALSE(space->distinct());
    check_ranks(*space);
  }
}

TEST_CASE("sample: the same sample twice has each point twice") {
  const SpacePtr few = sample(SampleMethod::random, 10, {unit_x}),
                 many = sample(SampleMethod::random, 30, {unit_x});
  const SpacePtr both = make_concat({few, many}, {}).value();
  check_ranks(*both);
  CHECK(both->rank(12).before == 1);
}

TEST_CASE("sample: extremes, fractions and choices are visited") {
  const SpacePtr space =
      sample(SampleMethod::random, 5,
             {unit_x, {"n", Integers{2, 90}, {}}, {"c", Choice{{text("a"), text("b")}}, {}}});
  double low = 9, high = -9;
  bool fraction = false;
  uint32_t line = 0;
  space->visit("x", [&](const Value& value, const SourcePosition& where) {
    low = std::min(low, value.real());
    high = std::max(high, value.real());
    fraction = fraction || value.real() != std::floor(value.real());
    line = where.line;
    return true;
  });
  CHECK((low == 0 && high > 0.999999 && high < 1 && fraction && line == 5));
  std::vector<Value> seen;
  const auto keep = [&](const Value& value, const SourcePosition&) {
    seen.push_back(value);
    return true;
  };
  space->visit("n", keep);
  space->visit("c", keep);
  CHECK(seen == std::vector<Value>{integer(2), integer(90), text("a"), text("b")});
}

TEST_CASE("sample: its fingerprint covers method, count, seed, names and bounds") {
  const auto print = [](SampleMethod method, uint64_t count, Dimension dimension, uint64_t seed) {
    return sample(method, count, {std::move(dimension)}, seed)->fingerprint();
  };
  const uint64_t base = print(SampleMethod::random, 5, unit_x, 1);
  CHECK(print(SampleMethod::random, 5, unit_x, 1) == base);
  CHECK(print(SampleMethod::lhs, 5, unit_x, 1) != base);
  CHECK(print(SampleMethod::random, 6, unit_x, 1) != base);
  CHECK(print(SampleMethod::random, 5, unit_x, 2) != base);
  CHECK(print(SampleMethod::random, 5, unit_y, 1) != base);
  CHECK(print(SampleMethod::random, 5, {"x", Uniform{0, 2}, {}}, 1) != base);
}

TEST_CASE("sample: what cannot be drawn from is refused by name") {
  CHECK(contains(error_of(0, {unit_x}), "count of 0"));
  CHECK(contains(error_of(max_points + 1, {unit_x}), "2^53"));
  CHECK(contains(error_of(1, {}), "no parameters"));
  CHECK(contains(error_of(1, {unit_x, unit_x}), "'x' is given twice"));
  CHECK(contains(error_of(1, {{"", Uniform{0, 1}, {}}}), "no name"));
  CHECK(contains(error_of(1, {{"x", Uniform{1, 1}, {}}}), "'x' needs two finite numbers"));
  CHECK(contains(error_of(1, {{"x", Uniform{0, INFINITY}, {}}}), "finite"));
  CHECK(contains(error_of(1, {{"x", LogUniform{0, 1}, {}}}), "above 0"));
  CHECK(contains(error_of(1, {{"x", Integers{2, 1}, {}}}), "smaller first"));
  CHECK(contains(error_of(1, {{"x", Choice{}, {}}}), "at least one value"));
  CHECK(contains(error_of(uint64_t{1} << 40, {{"x", Integers{1, 2}, {}}}), "2^28"));
}
