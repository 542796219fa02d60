// Products, zips and concatenations, alone and nested.
#include <doctest/doctest.h>

#include "runner/core/sweep.h"
#include "tests/core/space_check.h"

using namespace sweepd;
using namespace sweepd::test;

namespace {

SpacePtr list(std::string name, const std::vector<Value>& values) {
  return make_list(name, values, {}).value();
}
SpacePtr range(std::string name, int64_t stop) {
  return make_range(name, integer(0), integer(stop), integer(1), {}).value();
}
SpacePtr words(std::string name, std::initializer_list<const char*> values) {
  std::vector<Value> made;
  for (const char* value : values) made.push_back(text(value));
  return list(name, made);
}
std::string sweep_fingerprint(const SpacePtr& space, std::string task, uint64_t seed) {
  Sweep sweep;
  sweep.space = space;
  sweep.task_text = sweep.task_identity = std::move(task);
  sweep.seed = seed;
  return sweep.fingerprint();
}

}  // namespace

TEST_CASE("product: every combination, the last part fastest") {
  const SpacePtr grid = make_product({words("a", {"x", "y"}), range("b", 3)}, {}).value();
  CHECK(all_points(grid) == std::vector<std::string>{R"({"a":"x","b":0})", R"({"a":"x","b":1})",
                                                     R"({"a":"x","b":2})", R"({"a":"y","b":0})",
                                                     R"({"a":"y","b":1})", R"({"a":"y","b":2})"});
  CHECK(grid->distinct());
  check_ranks(*grid);
  check_columns(*grid);
}

TEST_CASE("product: equal points are numbered by the parts' own replicates") {
  const SpacePtr grid =
      make_product({words("a", {"x", "y", "x"}), range("b", 2), words("c", {"k", "k"})}, {}).value();
  CHECK_FALSE(grid->distinct());
  check_ranks(*grid);
  CHECK(grid->rank(11).before == 3);
  CHECK(grid->rank(11).total == 4);
}

TEST_CASE("product: vast grids are arithmetic") {
  const SpacePtr grid =
      make_product({range("a", 1000), range("b", 1 << 20), range("c", 1 << 20)}, {}).value();
  CHECK(grid->size() == uint64_t{1000} << 40);
  CHECK(json_at(grid, grid->size() - 1) == R"({"a":999,"b":1048575,"c":1048575})");
  CHECK(json_at(grid, (uint64_t{5} << 40) + (uint64_t{7} << 20) + 9) == R"({"a":5,"b":7,"c":9})");
  CHECK(grid->count(grid->at(123456789012)) == 1);
  CHECK(grid->rank(123456789012).total == 1);
}

TEST_CASE("product: more than 2^53 points, a name twice and no parts are refused") {
  const SpacePtr half = range("a", int64_t{1} << 27);
  CHECK(make_product({half, range("b", int64_t{1} << 26)}, {}).value()->size() == max_points);
  const std::string message = message_of(make_product({half, range("b", int64_t{1} << 27)}, {}));
  CHECK(contains(message, "134217728 x 134217728"));
  CHECK(contains(message, "2^53"));
  CHECK(contains(message_of(make_product({range("a", 2), range("a", 2)}, {})), "'a' is given twice"));
  CHECK(contains(message_of(make_product({}, {})), "no parts"));
  CHECK(make_product({range("a", 2), range("a", 2)}, {"s.yaml", 4, 2}).error().where.line == 4);
}

TEST_CASE("zip: in step, equal only where all parts are") {
  const SpacePtr zip =
      make_zip({words("a", {"x", "y", "x", "x"}), words("b", {"k", "k", "l", "k"})}, {}).value();
  CHECK(json_at(zip, 2) == R"({"a":"x","b":"l"})");
  CHECK_FALSE(zip->distinct());
  check_ranks(*zip);
  check_columns(*zip);
  CHECK(make_zip({words("a", {"x", "x"}), words("b", {"k", "l"})}, {}).value()->distinct());
}

TEST_CASE("zip: with a range it counts without a table") {
  const SpacePtr vast =
      make_zip({range("a", 1000000000), make_linspace("x", 0, 1, 1000000000, {}).value()}, {}).value();
  CHECK(vast->distinct());
  CHECK(vast->count(vast->at(123456789)) == 1);
  Point mixed = vast->at(5);
  mixed[1].value = vast->at(6)[1].value;
  CHECK(vast->count(mixed) == 0);
  check_ranks(*make_zip({range("a", 4), words("b", {"k", "k", "l", "k"})}, {}).value());
}

TEST_CASE("zip: unequal lengths are refused by name") {
  const std::string message = message_of(make_zip({range("a", 3), range("b", 4)}, {}));
  CHECK(contains(message, "'a' has 3"));
  CHECK(contains(message, "'b' has 4"));
  CHECK(contains(message_of(make_zip({}, {})), "no parts"));
  CHECK(contains(message_of(make_zip({range("a", 2), range("a", 2)}, {})), "given twice"));
}

TEST_CASE("concat: one after the other, equal points counted across parts") {
  const SpacePtr all =
      make_concat({range("a", 3), words("a", {"x", "y"}), range("a", 2), words("b", {"x"})}, {}).value();
  CHECK(all->size() == 8);
  CHECK(json_at(all, 3) == R"({"a":"x"})");
  CHECK(json_at(all, 7) == R"({"b":"x"})");
  CHECK_FALSE(all->distinct());
  check_ranks(*all);
  check_columns(*all);
}

TEST_CASE("concat: parts that cannot share a point leave it distinct") {
  const auto distinct = [](std::vector<SpacePtr> parts) {
    const SpacePtr made = make_concat(std::move(parts), {}).value();
    check_ranks(*made);
    return made->distinct();
  };
  const SpacePtr low = make_linspace("x", 0, 1, 5, {}).value(),
                 high = make_linspace("x", 2, 3, 5, {}).value();
  CHECK(distinct({range("a", 3), range("b", 3)}));
  CHECK(distinct({low, high}));
  CHECK_FALSE(distinct({low, make_linspace("x", 1, 2, 5, {}).value()}));
  CHECK(distinct({words("m", {"a", "b"}), words("m", {"c"})}));
  CHECK(distinct({words("m", {"1"}), list("m", {integer(1)}), list("m", {real(1)})}));
  CHECK(distinct({make_product({range("a", 3), words("m", {"p"})}, {}).value(),
                  make_product({words("m", {"q"}), range("a", 3)}, {}).value()}));
  CHECK_FALSE(distinct({list("m", {Value::null()}), list("m", {Value::null()})}));
  CHECK_FALSE(distinct({make_product({range("a", 3), range("b", 2)}, {}).value(),
                        make_product({range("b", 3), range("a", 2)}, {}).value()}));
}

TEST_CASE("concat: no parts, too many parts and too many points are refused") {
  CHECK(contains(message_of(make_concat({}, {})), "no parts"));
  CHECK(contains(message_of(make_concat(std::vector<SpacePtr>(1001, range("a", 1)), {})), "1000 parts"));
  const SpacePtr vast = range("a", int64_t{1} << 53);
  CHECK(contains(message_of(make_concat({vast, range("b", 1)}, {})), "2^53"));
}

TEST_CASE("spaces: equal descriptions have equal fingerprints, others do not") {
  const auto grid = [](int64_t stop, const char* name) {
    return make_product({range(name, stop), words("m", {"p", "q"})}, {}).value();
  };
  const uint64_t fingerprint = grid(3, "a")->fingerprint();
  CHECK(grid(3, "a")->fingerprint() == fingerprint);
  CHECK(grid(4, "a")->fingerprint() != fingerprint);
  CHECK(grid(3, "b")->fingerprint() != fingerprint);
  CHECK(words("a", {"xy", "z"})->fingerprint() != words("a", {"x", "yz"})->fingerprint());
  CHECK(list("a", {integer(1)})->fingerprint() != list("a", {real(1)})->fingerprint());
  const SpacePtr a = range("a", 2), b = range("b", 2);
  CHECK(make_product({a, b}, {}).value()->fingerprint() != make_zip({a, b}, {}).value()->fingerprint());
  CHECK(make_product({a, b}, {}).value()->fingerprint() != make_product({b, a}, {}).value()->fingerprint());
}

TEST_CASE("sweep: its fingerprint covers task, points and seed") {
  const std::string fingerprint = sweep_fingerprint(range("a", 2), "{}", 1);
  CHECK(fingerprint.size() == 16);
  CHECK(fingerprint.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(sweep_fingerprint(range("a", 2), "{}", 1) == fingerprint);
  CHECK(sweep_fingerprint(range("a", 3), "{}", 1) != fingerprint);
  CHECK(sweep_fingerprint(range("a", 2), "[]", 1) != fingerprint);
  CHECK(sweep_fingerprint(range("a", 2), "{}", 2) != fingerprint);
}
