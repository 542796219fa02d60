#include "runner/engine/merger.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/engine/sweep_fixture.h"

namespace sweepd {
namespace {

using nlohmann::json;
using test::make_sweep;
using test::Outcomes;
using test::record_line;
using test::SweepFolder;

Outcomes make_outcomes(uint64_t size) {
  Outcomes outcomes;
  for (uint64_t i = 0; i < size; ++i)
    outcomes.emplace_back("{\"k\":" + std::to_string(i % 3) + "}",
                          i % 5 == 4 ? "!no" : "{\"x\":" + std::to_string(i) + ".5,\"y\":[1,{}]}");
  return outcomes;
}

Sweep reducing_sweep(uint64_t size) {
  Sweep sweep = make_sweep(size, {"k"});
  sweep.reduce = {{"k"}, {{"x", {Statistic::mean, Statistic::median}}}};
  sweep.output.csv = true;
  return sweep;
}

TEST_CASE("merger: one object, records one to a line in order of index and without their run") {
  SweepFolder folder;
  const Sweep sweep = make_sweep(3, {"a"});
  folder.add({{R"({"a":1})", "1.5"}, {R"({"a":2})", "!no"}, {R"({"a":3})", R"({"b":{}})"}}, 0, 3);
  const Result<MergeOutcome> outcome = merge(sweep, folder);
  REQUIRE(outcome);
  CHECK(outcome->complete);
  CHECK(outcome->counts.ok == 2);
  CHECK(outcome->counts.failed == 1);
  const std::string id = R"("id":"0123456789abcdef0123")";
  CHECK(
      folder.results() ==
      R"({"sweep":{"name":"test","task":{"kernel":"pi"},"points":3,"seed":42,"fingerprint":")" +
          sweep.fingerprint() +
          R"(","complete":true,"ok":2,"failed":1},"results":[ )"
          "\n"
          R"({"index":0,)" +
          id +
          R"(,"params":{"a":1},"status":"ok","result":1.5},)"
          "\n"
          R"({"index":1,)" +
          id +
          R"(,"params":{"a":2},"status":"failed","error":{"kind":"exit","message":"no","exit_code":3,"stderr":"oh\n"}},)"
          "\n"
          R"({"index":2,)" +
          id +
          R"(,"params":{"a":3},"status":"ok","result":{"b":{}}})"
          "\n"
          "],\"reduced\":[]}\n");
  CHECK(json::parse(folder.results())["results"].size() == 3);
  CHECK(folder.entries() == 2);
}

TEST_CASE("merger: the same bytes whatever the chunks and the runs were") {
  const Outcomes outcomes = make_outcomes(100);
  const Sweep sweep = reducing_sweep(100);
  SweepFolder whole;
  whole.add(outcomes, 0, 100, 1);
  REQUIRE(merge(sweep, whole));
  SweepFolder pieces;
  for (uint64_t first = 0, size = 1; first < 100; first += size, size = size % 7 + 1)
    pieces.add(outcomes, first, std::min<uint64_t>(first + size, 100), static_cast<uint32_t>(size));
  REQUIRE(merge(sweep, pieces));
  CHECK(whole.results() == pieces.results());
  CHECK(whole.csv() == pieces.csv());
  const json merged = json::parse(whole.results());
  CHECK(merged["sweep"]["complete"] == true);
  CHECK(merged["sweep"]["ok"] == 80);
  CHECK(merged["sweep"]["failed"] == 20);
  CHECK(merged["reduced"].size() == 3);
  CHECK(merged["reduced"][1]["by"]["k"] == 1);
}

TEST_CASE("merger: nothing shows before the end") {
  SweepFolder folder;
  const Sweep sweep = make_sweep(10, {"k"});
  folder.add(make_outcomes(10), 0, 10);
  Result<Merger> merger = Merger::create(sweep, folder.directory());
  REQUIRE(merger);
  const ChunkFolder stored = folder.stored();
  RecordStream records(stored);
  REQUIRE(merger->add(records));
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/results.json"));
  CHECK(merger->finish().value().complete);
}

TEST_CASE("merger: an incomplete merge says so and has the records there are") {
  SweepFolder folder;
  const Outcomes outcomes = make_outcomes(10);
  const Sweep sweep = reducing_sweep(10);
  folder.add(outcomes, 2, 4);
  folder.add_text({6, 9}, record_line(6, R"({"k":0})", "1") + "{\"ind", true);
  const Result<MergeOutcome> outcome = merge(sweep, folder);
  REQUIRE(outcome);
  CHECK_FALSE(outcome->complete);
  CHECK(outcome->counts.records() == 3);
  const json merged = json::parse(folder.results());
  CHECK(merged["sweep"]["complete"] == false);
  CHECK(merged["results"].size() == 3);
  CHECK(merged["results"][2]["index"] == 6);
}

TEST_CASE("merger: nothing at all is an incomplete merge too") {
  const SweepFolder folder;
  REQUIRE(merge(reducing_sweep(10), folder));
  CHECK(json::parse(folder.results())["results"].empty());
  CHECK(folder.csv() == "index,id,status,k\n");
}

TEST_CASE("merger: an incomplete merge does not replace a complete one of the same points") {
  SweepFolder folder;
  const Sweep sweep = make_sweep(4, {"k"});
  folder.add(make_outcomes(4), 0, 4);
  REQUIRE(merge(sweep, folder));
  const std::string complete = folder.results();
  Result<Merger> merger = Merger::create(sweep, folder.directory());
  REQUIRE(merger);
  const Result<MergeOutcome> outcome = merger->finish();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().where.file == folder.path() + "/results.json");
  CHECK(folder.results() == complete);
  SUBCASE("that of other points it does") {
    const Sweep other = make_sweep(5, {"k"});
    Result<Merger> second = Merger::create(other, folder.directory());
    REQUIRE(second);
    CHECK(second->finish());
    CHECK(folder.results() != complete);
  }
  SUBCASE("a complete merge does") {
    REQUIRE(merge(sweep, folder));
    CHECK(folder.results() == complete);
  }
}

TEST_CASE("merger: records past the sweep's end are an error") {
  SweepFolder folder;
  folder.add(make_outcomes(10), 0, 7);
  const auto outcome = merge(make_sweep(6, {"k"}), folder);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().text().find("another sweep") != std::string::npos);
}

TEST_CASE("merger: a broken line is an error with file and line, and leaves no results behind") {
  SweepFolder folder;
  const ChunkFile file =
      folder.add_text({0, 2}, record_line(0, R"({"k":1})", "1") + record_line(1, R"({"k":1})", "{\"x\":1]"));
  const Result<MergeOutcome> outcome = merge(reducing_sweep(2), folder);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().where.file == folder.path_of(file));
  CHECK(outcome.error().where.line == 2);
  CHECK(folder.entries() == 1);
}

TEST_CASE("merger: the rows of `reduced` can be read back from the end of the file") {
  SweepFolder folder;
  const Sweep sweep = reducing_sweep(3000);
  folder.add(make_outcomes(3000), 0, 3000);
  const Result<MergeOutcome> outcome = merge(sweep, folder);
  REQUIRE(outcome);
  const Result<ReducedRows> rows = read_reduced_rows(folder.path() + "/results.json", 2);
  REQUIRE(rows);
  CHECK(rows->total == 3);
  CHECK(rows->rows == std::vector(outcome->reduced.rows.begin(), outcome->reduced.rows.begin() + 2));
  const Sweep plain = make_sweep(3000, {"k"});
  REQUIRE(merge(plain, folder));
  CHECK(read_reduced_rows(folder.path() + "/results.json", 2).value().total == 0);
}

TEST_CASE("merger: many groups, more than one block from the end") {
  SweepFolder folder;
  Outcomes outcomes;
  for (int i = 0; i < 3000; ++i) outcomes.emplace_back("{\"k\":" + std::to_string(i) + "}", "1");
  folder.add(outcomes, 0, 3000);
  REQUIRE(merge(reducing_sweep(3000), folder));
  const Result<ReducedRows> rows = read_reduced_rows(folder.path() + "/results.json", 5);
  REQUIRE(rows);
  CHECK(rows->total == 3000);
  CHECK(rows->rows[0].starts_with(R"({"by":{"k":0})"));
}

}  // namespace
}  // namespace sweepd
