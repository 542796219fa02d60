#include "runner/engine/scaling_table.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "runner/engine/merger.h"
#include "tests/engine/sweep_fixture.h"

namespace sweepd {
namespace {

using nlohmann::json;
using test::make_sweep;
using test::Outcomes;
using test::SweepFolder;

json scaling_of(const Outcomes& outcomes) {
  SweepFolder folder;
  Sweep sweep = make_sweep(outcomes.size(), {"workers", "darts", "mode"});
  sweep.task = ScalingTask{};
  folder.add(outcomes, 0, outcomes.size());
  REQUIRE(merge(sweep, folder));
  const json merged = json::parse(folder.results());
  CHECK(merged["reduced"].empty());
  return merged["scaling"];
}

std::string params(int workers, const std::string& rest) {
  return "{\"workers\":" + std::to_string(workers) + rest + "}";
}
std::string seconds(double value) { return "{\"seconds\":" + json(value).dump() + ",\"pi\":3.1}"; }

TEST_CASE("scaling table: rows by workers, speedup, efficiency and the fit of a known law") {
  const double p = 0.9;
  Outcomes outcomes;
  for (const int n : {4, 1, 2})
    outcomes.emplace_back(params(n, ",\"darts\":1e8"), seconds(2 * (1 - p + p / n)));
  const json tables = scaling_of(outcomes);
  REQUIRE(tables.size() == 1);
  const json& table = tables[0];
  CHECK(table["mode"] == "strong");
  CHECK(table["darts"] == 1e8);
  REQUIRE(table["rows"].size() == 3);
  CHECK(table["rows"][0]["workers"] == 1);
  CHECK(table["rows"][1]["speedup"].get<double>() == doctest::Approx(1 / (0.1 + 0.45)));
  CHECK(table["rows"][2]["efficiency"].get<double>() == doctest::Approx(1 / (0.1 + 0.225) / 4));
  CHECK(table["p"].get<double>() == doctest::Approx(0.9));
  CHECK(table["limit"].get<double>() == doctest::Approx(10));
  CHECK(table["peak_workers"] == 4);
}

TEST_CASE("scaling table: one for each mode and number of darts, in order of first index; replicates join") {
  const json tables =
      scaling_of({{params(1, R"(,"mode":"weak","darts":10)"), seconds(1)},
                  {params(1, R"(,"mode":"strong","darts":10)"), seconds(1)},
                  {params(1, R"(,"mode":"strong","darts":10,"replicate":1,"repeats":5)"), seconds(3)},
                  {params(2, R"(,"mode":"weak","darts":10)"), seconds(1)},
                  {params(2, R"(,"mode":"weak","darts":20)"), "!no"},
                  {params(1, R"(,"mode":"strong","darts":20,"p":7)"), seconds(1)}});
  REQUIRE(tables.size() == 3);
  CHECK(tables[0]["mode"] == "weak");
  CHECK(tables[0]["rows"][1]["speedup"] == 2.0);
  CHECK(tables[0]["p"].is_null());
  CHECK(tables[0]["limit"].is_null());
  CHECK(tables[1]["rows"].size() == 1);
  CHECK(tables[1]["rows"][0]["seconds"] == 2.0);
  CHECK(tables[1]["p"].is_null());
  CHECK(tables[2]["params.p"] == 7);
}

TEST_CASE("scaling table: no ok records make no tables") {
  CHECK(scaling_of({{params(1, ""), "!no"}}).empty());
}

}  // namespace
}  // namespace sweepd
