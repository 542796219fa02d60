// Random nested spaces (fixed seeds) against a plain list of their points.
#include <doctest/doctest.h>

#include <random>

#include "tests/core/space_check.h"

using namespace sweepd;
using namespace sweepd::test;

namespace {

class RandomSpace {
 public:
  explicit RandomSpace(uint32_t seed) : random_(seed) {}

  /// Of names that begin with `prefix`.
  SpacePtr make(const std::string& prefix, int depth) {
    switch (depth == 0 ? below(4) : below(8)) {
      case 0:
        return list(prefix + name());
      case 1:
        return make_range(prefix + name(), integer(below(3)), integer(3 + below(3)), integer(1), {}).value();
      case 2:
        return make_linspace(prefix + name(), 0, below(2), 1 + below(4), {}).value();
      case 3:
        return table(prefix);
      case 4:
      case 5:
        return make_product({make(prefix + "l", depth - 1), make(prefix + "r", depth - 1)}, {}).value();
      case 6:
        return zip(prefix);
      default:
        return make_concat({make(prefix, depth - 1), make(prefix, depth - 1), make(prefix, 0)}, {}).value();
    }
  }

 private:
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  std::string name() { return std::string(1, static_cast<char>('a' + below(2))); }
  Value value() {
    switch (below(5)) {
      case 0:
        return integer(below(2));
      case 1:
        return real(below(2));
      case 2:
        return Value::of(below(2) == 0);
      case 3:
        return Value::null();
      default:
        return text(below(2) == 0 ? "u" : "v");
    }
  }
  SpacePtr list(const std::string& name) {
    std::vector<Value> values(1 + below(5));
    for (Value& value : values) value = this->value();
    return make_list(name, values, {}).value();
  }
  SpacePtr table(const std::string& prefix) {
    TableBuilder rows("table");
    for (uint32_t row = 0, count = 1 + below(6); row < count; ++row) {
      rows.begin_row(row + 1);
      const bool both = below(2) == 0, swapped = below(2) == 0;
      REQUIRE(rows.add(prefix + (swapped ? "b" : "a"), value()));
      if (both) REQUIRE(rows.add(prefix + (swapped ? "a" : "b"), value()));
    }
    return rows.finish({}).value();
  }
  SpacePtr zip(const std::string& prefix) {
    const SpacePtr left = list(prefix + "la");
    const auto size = static_cast<int64_t>(left->size());
    if (below(2) == 0)
      return make_zip({left, make_range(prefix + "r", integer(0), integer(size), integer(1), {}).value()}, {})
          .value();
    std::vector<Value> values(left->size());
    for (Value& value : values) value = this->value();
    return make_zip({left, make_list(prefix + "r", values, {}).value()}, {}).value();
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("spaces: random nested spaces number and count their points as a plain list does") {
  uint32_t with_replicates = 0;
  for (uint32_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    const SpacePtr space = RandomSpace(seed).make("", 3);
    if (space->size() > 3000) continue;
    check_ranks(*space);
    check_columns(*space);
    with_replicates += !space->distinct();
    REQUIRE(space->fingerprint() == RandomSpace(seed).make("", 3)->fingerprint());
  }
  CHECK(with_replicates > 100);
  CHECK(with_replicates < 390);
}

TEST_CASE("spaces: points of one random space are counted rightly in another") {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const SpacePtr asked = RandomSpace(seed).make("", 2), other = RandomSpace(seed + 1000).make("", 2);
    if (asked->size() > 500 || other->size() > 500) continue;
    std::map<std::string, uint64_t> totals;
    for (uint64_t i = 0; i < asked->size(); ++i) ++totals[key_of(asked->at(i))];
    for (uint64_t i = 0; i < other->size(); ++i) {
      const Point point = other->at(i);
      const auto total = totals.find(key_of(point));
      REQUIRE(asked->count(point) == (total == totals.end() ? 0 : total->second));
    }
  }
}
