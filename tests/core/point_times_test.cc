#include "runner/core/point_times.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

using namespace sweepd;
using namespace std::chrono_literals;

TEST_CASE("point times: without points there is no quantile") { CHECK_FALSE(PointTimes().quantile(0.99)); }

TEST_CASE("point times: a quantile is not less than the true one and at most a quarter more") {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> seconds(0, 3);
  std::vector<double> all;
  PointTimes one, other;
  for (int i = 0; i < 10'000; ++i) {
    all.push_back(std::clamp(seconds(random), 2e-6, 1e6));
    (i % 2 == 0 ? one : other).add(Duration(std::llround(all.back() * 1e9)));
  }
  one.add(other);
  REQUIRE(one.count() == all.size());
  std::sort(all.begin(), all.end());
  for (const double q : {0.01, 0.5, 0.9, 0.99, 1.0}) {
    CAPTURE(q);
    const double exact = all[static_cast<size_t>(std::ceil(q * static_cast<double>(all.size()))) - 1];
    const double found = std::chrono::duration<double>(*one.quantile(q)).count();
    CHECK(found >= exact * 0.999999);
    CHECK(found <= exact * 1.250001);
  }
}

TEST_CASE("point times: what is outside of the scale goes to its ends") {
  PointTimes times;
  times.add(Duration(0));
  times.add(Duration(-5));
  CHECK(*times.quantile(1) <= 2us);
  times.add(std::chrono::hours(24 * 365 * 100));
  CHECK(*times.quantile(1) >= std::chrono::hours(24 * 10));
}
