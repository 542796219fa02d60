// Expected values of ranges, linspace and geomspace are those Python's range and NumPy give, of decimal
// numbers Python's fractions.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "tests/core/space_check.h"

using namespace sweepd;
using namespace sweepd::test;

namespace {

constexpr int64_t least = std::numeric_limits<int64_t>::min(), most = std::numeric_limits<int64_t>::max();

SpacePtr range(int64_t start, int64_t stop, int64_t step) {
  return make_range("n", integer(start), integer(stop), integer(step), {}).value();
}
SpacePtr real_range(double start, double stop, double step) {
  return make_range("x", real(start), real(stop), real(step), {}).value();
}
std::string range_error(Value start, Value stop, Value step) {
  return message_of(make_range("n", start, stop, step, {"sweep.yaml", 3, 7}));
}
std::vector<Value> reals(std::initializer_list<double> values) {
  std::vector<Value> made;
  for (const double value : values) made.push_back(real(value));
  return made;
}
std::vector<Value> integers(std::initializer_list<int64_t> values) {
  std::vector<Value> made;
  for (const int64_t value : values) made.push_back(integer(value));
  return made;
}

}  // namespace

TEST_CASE("list: values keep their order, types and places") {
  const std::vector<Value> values = {integer(1), real(1.0), text("1"), Value::of(true), Value::null()};
  const SpacePtr list =
      make_list("v", values, {{"f", 1, 1}, {"f", 2, 1}, {"f", 3, 1}, {"f", 4, 1}, {"f", 5, 1}}).value();
  CHECK(values_of(list) == values);
  CHECK(list->distinct());
  std::vector<uint32_t> lines;
  CHECK(list->visit("v", [&](const Value&, const SourcePosition& place) {
    lines.push_back(place.line);
    return true;
  }));
  CHECK(lines == std::vector<uint32_t>{1, 2, 3, 4, 5});
  CHECK_FALSE(list->visit("v", [](const Value&, const SourcePosition&) { return false; }));
  CHECK(list->visit("other", [](const Value&, const SourcePosition&) { return false; }));
}

TEST_CASE("list: equal values are replicates, in order") {
  const SpacePtr list =
      make_list("v", {text("a"), text("b"), text("a"), real(0.0), real(-0.0), text("a"), integer(0)}, {})
          .value();
  CHECK_FALSE(list->distinct());
  check_ranks(*list);
  CHECK(list->rank(5).before == 2);
  CHECK(list->rank(5).total == 3);
  CHECK(list->count({{"w", text("a")}}) == 0);
  CHECK(list->count({}) == 0);
}

TEST_CASE("list: strings are copied") {
  std::string word = "before";
  const SpacePtr list = make_list("v", {text(word)}, {}).value();
  word = "after!";
  CHECK(json_at(list, 0) == R"({"v":"before"})");
}

TEST_CASE("list: an empty list, an empty name and an overlong string are refused") {
  CHECK(contains(message_of(make_list("v", {}, {})), "no values"));
  CHECK(contains(message_of(make_list("", {integer(1)}, {})), "no name"));
  const std::string huge((size_t{16} << 20) + 1, 'x');
  CHECK(contains(message_of(make_list("v", {text(huge)}, {})), "16 MiB"));
  CHECK(make_list("v", {text(std::string_view(huge).substr(1))}, {}).has_value());
}

TEST_CASE("range: integers as Python's range") {
  CHECK(values_of(range(0, 3, 1)) == integers({0, 1, 2}));
  CHECK(values_of(range(1, 10, 4)) == integers({1, 5, 9}));
  CHECK(values_of(range(1, 9, 4)) == integers({1, 5}));
  CHECK(values_of(range(5, 0, -2)) == integers({5, 3, 1}));
  CHECK(values_of(range(-1, -4, -1)) == integers({-1, -2, -3}));
  for (const SpacePtr& made : {range(0, 7, 1), range(9, -9, -4)}) check_ranks(*made);
}

TEST_CASE("range: the ends of 64 bits are reached") {
  CHECK(values_of(range(least, most, most)) == integers({least, -1, most - 1}));
  CHECK(values_of(range(most, least, least)) == integers({most, -1}));
  const SpacePtr wide = range(least, most, int64_t{1} << 12);
  CHECK(wide->size() == uint64_t{1} << 52);
  CHECK(wide->at(wide->size() - 1).at(0).value == integer(most - 4095));
  CHECK(wide->count({{"n", integer(most - 4095)}}) == 1);
  CHECK(wide->count({{"n", integer(most)}}) == 0);
  CHECK(wide->count({{"n", real(0.0)}}) == 0);
}

TEST_CASE("range: step 0, no values, too many and what is not a number are refused") {
  CHECK(contains(range_error(integer(0), integer(3), integer(0)), "step 0"));
  CHECK(contains(range_error(real(0), real(3), real(-0.0)), "step 0"));
  CHECK(contains(range_error(integer(3), integer(3), integer(1)), "no values"));
  CHECK(contains(range_error(integer(0), integer(3), integer(-1)), "no values"));
  CHECK(contains(range_error(real(0), real(3), real(-1)), "no values"));
  CHECK(contains(range_error(integer(least), integer(most), integer(1)), "2^53"));
  CHECK(contains(range_error(real(0), real(1e300), real(1)), "2^53"));
  CHECK(contains(range_error(integer(0), text("3"), integer(1)), "finite numbers"));
  CHECK(contains(range_error(integer(0), real(INFINITY), integer(1)), "finite numbers"));
  CHECK(make_range("n", integer(0), integer(0), integer(1), {"sweep.yaml", 3, 7}).error().where.line == 3);
}

TEST_CASE("range: floats as NumPy's arange") {
  CHECK(values_of(real_range(0, 1, 0.25)) == reals({0, 0.25, 0.5, 0.75}));
  CHECK(values_of(real_range(0, 0.5, 0.1)) == reals({0, 0.1, 0.2, 0.30000000000000004, 0.4}));
  CHECK(values_of(real_range(1, 0, -0.5)) == reals({1, 0.5}));
  CHECK(real_range(1, 1.3, 0.1)->size() == 4);
  CHECK(values_of(make_range("x", integer(0), real(1.5), integer(1), {}).value()) == reals({0, 1}));
  CHECK(values_of(real_range(-0.0, 1, 1)) == reals({0.0}));
}

TEST_CASE("range: a step lost in rounding gives equal neighbours, which are replicates") {
  const SpacePtr fine = real_range(9007199254740992.0, 9007199254741008.0, 0.5);
  CHECK_FALSE(fine->distinct());
  check_ranks(*fine);
  check_ranks(*real_range(-9007199254740992.0, -9007199254741008.0, -0.25));
  CHECK(real_range(0, 1, 1e-9)->distinct());
}

TEST_CASE("range: decimal literals are counted in decimal, and equal values found") {
  const auto literal = [](std::string_view text) {
    return AxisBound(real(std::stod(std::string(text))), text);
  };
  const auto decimals = [&](const char* start, const char* stop, const char* step) {
    return make_range("x", literal(start), literal(stop), literal(step), {"sweep.yaml", 3, 7});
  };
  const SpacePtr tenths = decimals("0", "0.5", ".1").value();
  CHECK(values_of(tenths) == reals({0, 0.1, 0.2, 0.3, 0.4}));
  CHECK(tenths->distinct());
  CHECK(tenths->count({{"x", real(0.3)}}) == 1);
  CHECK(tenths->count({{"x", real(0.1 * 3)}}) == 0);
  CHECK(tenths->fingerprint() == decimals("0.0", "0.50", "1e-1").value()->fingerprint());
  CHECK(tenths->fingerprint() != decimals("0", "0.55", "0.1").value()->fingerprint());
  CHECK(tenths->fingerprint() != real_range(0, 0.5, 0.1)->fingerprint());
  check_ranks(*tenths);
  check_ranks(*decimals("9007199254740992", "9007199254741008", "0.5").value());
  check_ranks(*decimals("-1", "-1.000000000000001", "-1e-17").value());
  check_ranks(*make_linspace("x", literal("0.1"), literal("0.1"), 5, {}).value());
  CHECK(contains(message_of(decimals("0", "1", "-0.1")), "[0.0, 1.0, -0.1] of 'x' has no values"));
  CHECK(contains(message_of(decimals("0", "1", "1e-16")), "2^53"));
}

TEST_CASE("range: integers between decimal numbers are exact, hexadecimal ones too") {
  CHECK(values_of(make_range("x", AxisBound(integer(16), "0x10"), AxisBound(integer(17), "17"),
                             AxisBound(real(0.3), "0.3"), {})
                      .value()) == reals({16, 16.3, 16.6, 16.9}));
}

TEST_CASE("linspace: as NumPy's, the end exact") {
  CHECK(values_of(make_linspace("x", 2, 3, 5, {}).value()) == reals({2, 2.25, 2.5, 2.75, 3}));
  const std::vector<Value> tenths = values_of(make_linspace("x", 0, 1, 11, {}).value());
  CHECK(tenths[3] == real(0.30000000000000004));
  CHECK(tenths[7] == real(0.7000000000000001));
  CHECK(tenths[10] == real(1.0));
  CHECK(values_of(make_linspace("x", 1, -1, 3, {}).value()) == reals({1, 0, -1}));
  CHECK(values_of(make_linspace("x", 5, 9, 1, {}).value()) == reals({5}));
  CHECK(values_of(make_linspace("x", 0.1, 0.7, 2, {}).value()) == reals({0.1, 0.7}));
}

TEST_CASE("linspace: ranks are exact, also where values are equal") {
  check_ranks(*make_linspace("x", 0, 1, 17, {}).value());
  check_ranks(*make_linspace("x", 3, 3, 6, {}).value());
  check_ranks(*make_linspace("x", -0.0, 0.0, 6, {}).value());
  check_ranks(*make_linspace("x", 1, 1 + 4e-16, 40, {}).value());
  check_ranks(*make_linspace("x", -1, -1 - 9e-16, 40, {}).value());
  check_ranks(*make_linspace("x", 0, 5e-324, 9, {}).value());
  const SpacePtr vast = make_linspace("x", 0, 1, max_points, {}).value();
  CHECK(vast->at(max_points - 1).at(0).value == real(1.0));
  CHECK(vast->count({{"x", real(0.5)}}) >= 1);
}

TEST_CASE("linspace and geomspace: what has no values, too many or no bounds is refused") {
  CHECK(contains(message_of(make_linspace("x", 0, 1, 0, {})), "no values"));
  CHECK(contains(message_of(make_linspace("x", 0, 1, max_points + 1, {})), "2^53"));
  CHECK(contains(message_of(make_linspace("x", 0, NAN, 3, {})), "finite"));
  CHECK(contains(message_of(make_linspace("x", -1e308, 1e308, 3, {})), "finite"));
  CHECK(contains(message_of(make_geomspace("x", 0, 1, 3, {})), "same sign"));
  CHECK(contains(message_of(make_geomspace("x", -1, 1, 3, {})), "same sign"));
  CHECK(contains(message_of(make_geomspace("", 1, 2, 3, {})), "no name"));
}

TEST_CASE("geomspace: as NumPy's, and exact where the values are") {
  CHECK(values_of(make_geomspace("x", 1, 1000, 4, {}).value()) == reals({1, 10, 100, 1000}));
  CHECK(values_of(make_geomspace("x", 1, 256, 9, {}).value()) == reals({1, 2, 4, 8, 16, 32, 64, 128, 256}));
  CHECK(values_of(make_geomspace("x", 1e-5, 0.1, 5, {}).value()) == reals({1e-5, 1e-4, 1e-3, 1e-2, 0.1}));
  CHECK(values_of(make_geomspace("x", -1000, -1, 4, {}).value()) == reals({-1000, -100, -10, -1}));
  CHECK(values_of(make_geomspace("x", 7, 9, 1, {}).value()) == reals({7}));
  CHECK(values_of(make_geomspace("x", 1e-300, 1e300, 3, {}).value()) == reals({1e-300, 1, 1e300}));
}

TEST_CASE("geomspace: within a rounding of the C library's exp and log, and rising") {
  const SpacePtr axis = make_geomspace("x", 3e-4, 77.7, 1001, {}).value();
  const std::vector<Value> values = values_of(axis);
  for (size_t i = 0; i < values.size(); ++i) {
    const double expected = 3e-4 * std::exp(std::log(77.7 / 3e-4) * static_cast<double>(i) / 1000);
    REQUIRE(values[i].real() == doctest::Approx(expected).epsilon(1e-14));
    if (i > 0) REQUIRE(values[i].real() > values[i - 1].real());
  }
  check_ranks(*axis);
  check_ranks(*make_geomspace("x", -5, -5, 4, {}).value());
}

// Recompute with Python: from decimal import Decimal as D; [float(D(1e-5) * (D(.3) / D(1e-5)) ** (D(i)
// / 7)) ...]
TEST_CASE("geomspace: values are those of every other version and machine") {
  const std::vector<Value> values = values_of(make_geomspace("x", 1e-5, 0.3, 8, {}).value());
  CHECK(values == reals({1e-05, 4.361026750842235e-05, 0.00019018554321561585, 0.0008294042415867627,
                         0.003617054084821888, 0.015774069623151435, 0.0687911395962113, 0.3}));
}

TEST_CASE("axes: the extremes and the fractions of generated values are visited") {
  bool whole = true;
  double low = INFINITY, high = -INFINITY;
  const auto look = [&](const Value& value, const SourcePosition&) {
    whole = whole && value.number() == std::floor(value.number());
    low = std::min(low, value.number());
    high = std::max(high, value.number());
    return true;
  };
  range(0, 1000000, 1)->visit("n", look);
  CHECK((whole && low == 0 && high == 999999));
  make_linspace("x", 0, 2000, 4001, {}).value()->visit("x", look);
  CHECK_FALSE(whole);
}
