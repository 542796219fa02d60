#include "runner/core/kept_points.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace sweepd;

TEST_CASE("kept points: with none, all indices are missing") {
  const KeptPoints none;
  CHECK(none.size() == 0);
  CHECK(none.next_missing(7) == 7);
  CHECK(none.missing_in({3, 10}) == 7);
  CHECK(none.end_of(3, 4) == 7);
}

TEST_CASE("kept points: every answer is that of counting one by one") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 50; ++round) {
    constexpr uint64_t points = 60;
    std::vector<bool> is_kept(points);
    KeptPoints kept;
    const uint64_t one_in = 1 + random() % 4;
    for (uint64_t index = 0; index < points; ++index) {
      is_kept[index] = random() % one_in == 0;
      if (is_kept[index]) kept.add(index);
    }
    for (uint64_t first = 0; first < points; ++first) {
      uint64_t next = first;
      while (next < points && is_kept[next]) ++next;
      REQUIRE(kept.next_missing(first) == next);
      uint64_t missing = 0;
      for (uint64_t last = first; last < points; ++last) {
        REQUIRE(kept.missing_in({first, last}) == missing);
        if (is_kept[last]) continue;
        ++missing;
        REQUIRE(kept.end_of(first, missing) == last + 1);
      }
    }
  }
}
