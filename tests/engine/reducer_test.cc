#include "runner/engine/reducer.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "runner/engine/reducer_table.h"
#include "tests/engine/sweep_fixture.h"

namespace sweepd {
namespace {

using nlohmann::json;
using test::Outcomes;
using test::record_line;

/// Feeds the records of points 0, 1, … and has the rows.
std::vector<std::string> rows_of(Reducer& reducer, const Outcomes& outcomes) {
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const std::string line = record_line(i, outcomes[i].first, outcomes[i].second);
    const std::string padded = line + std::string(LineReader::padding, ' ');
    const auto record = scan_record(std::string_view(padded).substr(0, line.size() - 1), i, RunPart::present);
    REQUIRE(record);
    REQUIRE(reducer.add(*record));
  }
  std::vector<std::string> rows;
  reducer.write_rows([&](std::string_view row) { rows.emplace_back(row); });
  return rows;
}

TEST_CASE("reducer: groups in order of their first index, statistics as asked") {
  Reducer reducer({{"darts"}, {{"pi", {Statistic::mean, Statistic::std}}, {"hits", {Statistic::sum}}}});
  const auto rows = rows_of(reducer, {{R"({"darts":1e6,"trial":0})", R"({"pi":3.0,"hits":750000})"},
                                      {R"({"darts":10,"trial":0})", R"({"pi":2.0,"hits":5})"},
                                      {R"({"darts":1e6,"trial":1})", R"({"pi":4.0,"hits":1000000})"}});
  REQUIRE(rows.size() == 2);
  CHECK(
      rows[0] ==
      R"({"by":{"darts":1e6},"count":2,"fields":{"pi":{"mean":3.5,"std":0.7071067811865476},"hits":{"sum":1750000}}})");
  CHECK(rows[1] ==
        R"({"by":{"darts":10},"count":1,"fields":{"pi":{"mean":2.0,"std":null},"hits":{"sum":5}}})");
  CHECK(reducer.warnings().empty());
}

TEST_CASE("reducer: without `by` everything is one group; values of different types are different groups") {
  const Outcomes outcomes = {{R"({"a":1,"b":"x,\"y"})", "1"}, {R"({"a":1.0})", "2"}, {R"({"a":"1"})", "3"}};
  Reducer all({{}, {{"result", {Statistic::sum}}}});
  CHECK(rows_of(all, outcomes) ==
        std::vector<std::string>{R"({"by":{},"count":3,"fields":{"result":{"sum":6}}})"});
  Reducer by({{"a", "b"}, {{"result", {Statistic::max}}}});
  const auto rows = rows_of(by, outcomes);
  REQUIRE(rows.size() == 3);
  CHECK(json::parse(rows[0])["by"] == json::parse(R"({"a":1,"b":"x,\"y"})"));
  CHECK(rows[1].starts_with(R"({"by":{"a":1.0},)"));
  CHECK(rows[2].starts_with(R"({"by":{"a":"1"},)"));
}

TEST_CASE("reducer: dotted names reach into objects; a member of the whole name comes first") {
  Reducer reducer(
      {{},
       {{"fit.line.slope", {Statistic::mean}}, {"a.b", {Statistic::mean}}, {"fit.c.d", {Statistic::mean}}}});
  const auto rows =
      rows_of(reducer, {{"{}", R"({"fit":{"line":{"x":0,"slope":2.5},"c.d":7},"a.b":4,"a":{"b":5}})"}});
  CHECK(json::parse(rows[0])["fields"]["fit.line.slope"]["mean"] == 2.5);
  CHECK(json::parse(rows[0])["fields"]["a.b"]["mean"] == 4.0);
  CHECK(json::parse(rows[0])["fields"]["fit.c.d"]["mean"] == 7.0);
}

TEST_CASE("reducer: booleans, not-a-number, and what is missing or no number") {
  Reducer reducer({{}, {{"x", {Statistic::count, Statistic::mean}}, {"deep.er", {Statistic::count}}}});
  const auto rows = rows_of(reducer, {{"{}", R"({"x":true})"},
                                      {"{}", R"({"x":"text","deep":3})"},
                                      {"{}", R"({"x":false,"deep":{"er":1}})"},
                                      {"{}", R"({"x":null})"},
                                      {"{}", R"({"y":1})"}});
  CHECK(json::parse(rows[0]) ==
        json::parse(R"({"by":{},"count":5,"fields":{"x":{"count":2,"mean":0.5},"deep.er":{"count":1}}})"));
  const std::vector<std::string> warnings = reducer.warnings();
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0].find("3 records have no number \"x\", such as that of point 1") != std::string::npos);
  CHECK(warnings[1].find("4 records have no number \"deep.er\", such as that of point 0") !=
        std::string::npos);
}

TEST_CASE("reducer: failed records make a group known and take no part in it") {
  Reducer reducer({{"a"}, {{"x", {Statistic::sum, Statistic::mean}}}});
  const auto rows =
      rows_of(reducer, {{R"({"a":1})", "!no"}, {R"({"a":2})", R"({"x":5})"}, {R"({"a":2})", "!no"}});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0] == R"({"by":{"a":1},"count":0,"fields":{"x":{"sum":0,"mean":null}}})");
  CHECK(rows[1] == R"({"by":{"a":2},"count":1,"fields":{"x":{"sum":5,"mean":5.0}}})");
}

TEST_CASE("reducer: damaged JSON is told") {
  Reducer reducer({{}, {{"x", {Statistic::sum}}}});
  const std::string line = record_line(0, "{}", R"({"x":1])") + std::string(LineReader::padding, ' ');
  const auto record = scan_record(std::string_view(line).substr(0, line.find('\n')), 0, RunPart::present);
  REQUIRE(record);
  CHECK_FALSE(reducer.add(*record));
}

TEST_CASE("reduced table: aligned, and cut after some rows") {
  ReducedRows reduced;
  for (const char* row :
       {R"({"by":{"k":2,"name":"a"},"count":10,"fields":{"x":{"mean":1.5,"std":null}}})",
        R"({"by":{"k":10,"name":"bcd\n"},"count":9,"fields":{"x":{"mean":22.25,"std":0.5}}})",
        R"({"by":{"k":3,"name":""},"count":9,"fields":{"x":{"mean":0.0,"std":0.5}}})"})
    reduced.rows.emplace_back(row);
  reduced.total = 100;
  CHECK(reduced_table(reduced, 2) ==
        " k  name   count  x mean  x std\n"
        " 2  a         10     1.5   null\n"
        "10  bcd\\n      9   22.25    0.5\n"
        "… 98 more rows in results.json\n");
  CHECK(reduced_table({}).empty());
}

}  // namespace
}  // namespace sweepd
