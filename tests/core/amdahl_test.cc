#include "runner/core/amdahl.h"

#include <doctest/doctest.h>

#include <cmath>

namespace sweepd {
namespace {

double amdahl_seconds(double p, uint64_t workers) { return (1 - p) + p / static_cast<double>(workers); }

std::vector<ScalingRow> rows_of(double p, std::vector<uint64_t> counts) {
  std::vector<ScalingTime> times;
  for (const uint64_t workers : counts) times.push_back({workers, 3.5 * amdahl_seconds(p, workers)});
  return scaling_rows(std::move(times), ScalingMode::strong);
}

}  // namespace

TEST_CASE("amdahl: strong scaling compares with the row of one worker") {
  const auto rows = scaling_rows({{4, 3.0}, {1, 8.0}, {2, 4.0}}, ScalingMode::strong);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].workers == 1);
  CHECK(rows[0].speedup == 1.0);
  CHECK(rows[0].efficiency == 1.0);
  CHECK(rows[1].speedup == 2.0);
  CHECK(rows[1].efficiency == 1.0);
  CHECK(rows[2].speedup == doctest::Approx(8.0 / 3.0));
  CHECK(rows[2].efficiency == doctest::Approx(2.0 / 3.0));
}

TEST_CASE("amdahl: weak scaling counts the work of every worker") {
  const auto rows = scaling_rows({{1, 2.0}, {4, 2.5}}, ScalingMode::weak);
  CHECK(rows[1].speedup == doctest::Approx(4 * 2.0 / 2.5));
  CHECK(rows[1].efficiency == doctest::Approx(0.8));
}

TEST_CASE("amdahl: without a row of one worker the fewest workers are taken to be efficient") {
  const auto strong = scaling_rows({{2, 4.0}, {4, 2.5}}, ScalingMode::strong);
  CHECK(strong[0].speedup == 2.0);
  CHECK(strong[0].efficiency == 1.0);
  CHECK(strong[1].speedup == doctest::Approx(2 * 4.0 / 2.5));
  const auto weak = scaling_rows({{2, 4.0}, {4, 5.0}}, ScalingMode::weak);
  CHECK(weak[0].efficiency == 1.0);
  CHECK(weak[1].efficiency == doctest::Approx(0.8));
}

TEST_CASE("amdahl: of several times for one number of workers the median counts") {
  const auto odd = scaling_rows({{1, 9.0}, {1, 1.0}, {1, 2.0}}, ScalingMode::strong);
  REQUIRE(odd.size() == 1);
  CHECK(odd[0].seconds == 2.0);
  const auto even = scaling_rows({{1, 9.0}, {1, 1.0}, {1, 2.0}, {1, 4.0}}, ScalingMode::strong);
  CHECK(even[0].seconds == 3.0);
}

TEST_CASE("amdahl: the fit gives back the p that the times were made with") {
  for (const double p : {0.0, 0.25, 0.5, 0.9, 0.98, 0.999})
    for (const auto& counts : {std::vector<uint64_t>{1, 2}, {1, 2, 4, 8}, {1, 64}, {2, 4, 8}, {3, 5, 17}}) {
      const auto fit = fit_amdahl(rows_of(p, counts));
      REQUIRE(fit);
      CHECK(fit->p == doctest::Approx(p).epsilon(1e-9));
      REQUIRE(fit->limit);
      CHECK(*fit->limit == doctest::Approx(1 / (1 - p)).epsilon(1e-6));
    }
}

TEST_CASE("amdahl: the fit is that of least squares") {
  const auto rows = scaling_rows({{1, 10.0}, {2, 6.0}, {4, 3.0}, {8, 2.5}}, ScalingMode::strong);
  const auto error = [&](double p) {
    double sum = 0;
    for (const ScalingRow& row : rows) sum += std::pow(row.seconds / 10 - amdahl_seconds(p, row.workers), 2);
    return sum;
  };
  const double p = fit_amdahl(rows)->p;
  CHECK(error(p) < error(p - 1e-4));
  CHECK(error(p) < error(p + 1e-4));
}

TEST_CASE("amdahl: p stays between 0 and 1") {
  const auto faster_than_linear = fit_amdahl(scaling_rows({{1, 10.0}, {2, 4.0}}, ScalingMode::strong));
  CHECK(faster_than_linear->p == 1.0);
  CHECK_FALSE(faster_than_linear->limit);
  const auto slower = fit_amdahl(scaling_rows({{1, 10.0}, {2, 11.0}}, ScalingMode::strong));
  CHECK(slower->p == 0.0);
  CHECK(slower->limit == 1.0);
}

TEST_CASE("amdahl: one number of workers tells no p") {
  CHECK_FALSE(fit_amdahl({}));
  CHECK_FALSE(fit_amdahl(scaling_rows({{4, 1.0}, {4, 2.0}}, ScalingMode::strong)));
}

TEST_CASE("amdahl: the peak is where the speedup stopped rising") {
  CHECK_FALSE(peak_workers({}));
  CHECK(peak_workers(rows_of(0.9, {1, 2, 4, 8})) == 8);
  CHECK(peak_workers(scaling_rows({{1, 8.0}, {2, 4.5}, {4, 3.0}, {8, 3.5}}, ScalingMode::strong)) == 4);
  CHECK(peak_workers(scaling_rows({{1, 8.0}, {2, 4.0}, {4, 4.0}}, ScalingMode::strong)) == 2);
}

}  // namespace sweepd
