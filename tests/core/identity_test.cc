// The ids and seeds here were computed with Python's json.dumps (as identity.h says) and the functions
// XXH3_64bits_withSeed and XXH3_128bits_withSeed of libxxhash.so.0, called through ctypes. They must never
// change: people compare results of years.
#include "runner/core/identity.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "runner/core/json.h"

using namespace sweepd;

namespace {

constexpr std::string_view pi_task = "{\"kernel\":\"pi\"}";

std::string id_of(Identity& identity, const Point& point, uint64_t replicate = 0) {
  std::string json;
  append_json(json, point);
  return std::string(text_of(identity.id(point, json, replicate)));
}

/// Checks the id of a point and its seed.
void check(std::string_view task, uint64_t sweep_seed, const Point& point, uint64_t replicate,
           std::string_view id, uint64_t seed) {
  Identity identity(task, sweep_seed);
  std::string json;
  append_json(json, point);
  const PointId made = identity.id(point, json, replicate);
  CHECK(text_of(made) == id);
  CHECK(identity.seed(made) == seed);
}

Value text(std::string_view bytes) { return Value::of(bytes); }

}  // namespace

TEST_CASE("identity: ids and seeds are those of every other version") {
  const Point darts = {{"darts", Value::of(1e6)}, {"trial", Value::of(int64_t{7})}};
  check(pi_task, 42, darts, 0, "9d5547b2134f5bb1c56c", 2005910202963791523u);
  check(pi_task, 42, darts, 1, "a1c439fb03672bc9a159", 7457940536897472170u);
  check(pi_task, 0, {darts[1], darts[0]}, 0, "9d5547b2134f5bb1c56c", 2444360933958040313u);
  check("{\"command\":[\"prog\",\"{x}\"]}", ~uint64_t{0},
        {{"z", Value::null()}, {"a", Value::of(true)}, {"m", text("tab\t\"q\" \xc3\xa9 \x01")}}, 0,
        "aa946789fb5cf12d2179", 13467423544028891117u);
  check(pi_task, 5, {}, 3, "43882b5fb3e6adb22706", 16524202506146333320u);
  const std::string long_text(300, 'x');
  check(pi_task, 5, {{"long", text(long_text)}, {"f", Value::of(1e-5)}}, 0, "b82d1bd649158bd239b3",
        14623969192225616861u);
}

TEST_CASE("identity: a spelling counts beside its value, and lists and mappings by their text") {
  const std::string block(Value::spelled_head, '\0');
  std::string one = block + "01", real = block + "1.10";
  Value::of(int64_t{1}).write_head(one.data());
  Value::of(1.1).write_head(real.data());
  const std::string_view head(one);
  const Point point = {
      {"x", Value::spelled(Value::of(int64_t{1}), head.substr(Value::spelled_head))},
      {"a", Value::spelled(Value::of(1.1), std::string_view(real).substr(Value::spelled_head))},
      {"l", Value::json("[64,{\"b\":1.5}]")}};
  check("{\"shell\":\"true\"}", 9, point, 2, "9016bb4e34fa50f3acad", 11032727003792860384u);
}

TEST_CASE("identity: numbers without a JSON form are told from the strings that stand for them") {
  const double infinity = std::numeric_limits<double>::infinity();
  check(pi_task, 1, {{"x", Value::of(std::nan(""))}, {"b", Value::of(-infinity)}}, 0, "6b10a811c889881e6e00",
        14659604917864329421u);
  check(pi_task, 1, {{"x", text("NaN")}, {"b", text("-Infinity")}}, 0, "91ad028e2f5788e58166",
        7886285367689044131u);
}

TEST_CASE("identity: the order of parameters does not matter, their values, types and replicate do") {
  Identity identity(pi_task, 0);
  const Parameter a = {"a", Value::of(int64_t{1})}, b = {"b", Value::of(int64_t{2})};
  const std::string id = id_of(identity, {a, b});
  CHECK(id_of(identity, {b, a}) == id);
  CHECK(id_of(identity, {a, b}, 1) != id);
  CHECK(id_of(identity, {{"a", Value::of(1.0)}, b}) != id);
  CHECK(id_of(identity, {{"a", text("1")}, b}) != id);
  CHECK(id_of(identity, {a}) != id);
}

TEST_CASE("identity: the task is part of the id, the sweep's seed only of the point's seed") {
  const Point point = {{"a", Value::of(int64_t{1})}};
  Identity one(pi_task, 1), two(pi_task, 2), other("{\"kernel\":\"scaling\"}", 1);
  CHECK(id_of(one, point) == id_of(two, point));
  CHECK(id_of(one, point) != id_of(other, point));
  std::string json;
  append_json(json, point);
  const PointId id = one.id(point, json, 0);
  CHECK(one.seed(id) != two.seed(id));
}
