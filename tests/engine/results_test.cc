#include "runner/engine/results.h"

#include <doctest/doctest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "runner/engine/text_table.h"
#include "tests/engine/sweep_fixture.h"

namespace sweepd {
namespace {

using nlohmann::json;
using test::make_sweep;
using test::Outcomes;
using test::SweepFolder;

const Outcomes outcomes = {{R"({"lr":1000000.0,"opt":"adam"})", R"({"loss":0.5})"},
                           {R"({"lr":0.5,"opt":"sgd"})", R"({"loss":12.25,"note":"a\u001b[31m\nb"})"},
                           {R"({"lr":1000000,"opt":"true"})", "!exit status 3"},
                           {R"({"lr":null,"opt":true})", R"({"loss":1})"}};

struct Printed {
  std::string text;
  Result<uint64_t> count = 0;
};

Printed print(SweepFolder& folder, ResultsFormat format, std::optional<bool> ok = {},
              std::vector<Condition> conditions = {}) {
  const Sweep sweep = make_sweep(4, {"lr", "opt"});
  if (folder.files().empty()) {
    folder.add(outcomes, 0, 3);
    folder.add(outcomes, 3, 4);
  }
  Result<ResultsFilter> filter = ResultsFilter::create(ok, std::move(conditions), sweep.space->columns());
  REQUIRE(filter);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  REQUIRE(file);
  Printed printed;
  printed.count = print_results(format, *filter, folder.stored(), sweep.space->columns(), file.get());
  printed.text.resize(static_cast<size_t>(std::ftell(file.get())));
  std::rewind(file.get());
  CHECK(std::fread(printed.text.data(), 1, printed.text.size(), file.get()) == printed.text.size());
  return printed;
}

std::vector<int> indices(const Printed& printed) {
  std::vector<int> found;
  for (const json& record : json::parse(printed.text)) found.push_back(record["index"]);
  return found;
}

TEST_CASE("results: json is a list of the whole records") {
  SweepFolder folder;
  const Printed printed = print(folder, ResultsFormat::json);
  CHECK(printed.count.value() == 4);
  const json records = json::parse(printed.text);
  REQUIRE(records.size() == 4);
  CHECK(records[2]["error"]["message"] == "exit status 3");
  CHECK(records[3]["run"]["host"] == "node1");
}

TEST_CASE("results: json of no records is an empty list") {
  SweepFolder folder;
  CHECK(print(folder, ResultsFormat::json, true, {{"opt", "none"}}).text == "[]\n");
}

TEST_CASE("results: ndjson is the lines as they are") {
  SweepFolder folder;
  const Printed printed = print(folder, ResultsFormat::ndjson);
  std::string expected;
  for (const ChunkFile& file : folder.files()) expected += test::text_of_file(folder.path_of(file));
  CHECK(printed.text == expected);
}

TEST_CASE("results: csv has the fields of the chosen records") {
  SweepFolder folder;
  const std::string id = "0123456789abcdef0123";
  CHECK(print(folder, ResultsFormat::csv, true, {{"opt", "adam"}}).text ==
        "index,id,status,lr,opt,loss\n0," + id + ",ok,1000000.0,adam,0.5\n");
}

TEST_CASE("results: a table is aligned and keeps control characters to itself") {
  SweepFolder folder;
  CHECK(print(folder, ResultsFormat::table).text ==
        "index  status                               lr  opt    loss  note\n"
        "    0  ok                            1000000.0  adam    0.5\n"
        "    1  ok                                  0.5  sgd   12.25  a\\x1b[31m\\nb\n"
        "    2  failed (exit: exit status 3)    1000000  true\n"
        "    3  ok                                 null  true      1\n");
}

TEST_CASE("results: chosen by status") {
  SweepFolder folder;
  CHECK(indices(print(folder, ResultsFormat::json, false)) == std::vector{2});
  CHECK(indices(print(folder, ResultsFormat::json, true)) == std::vector{0, 1, 3});
}

TEST_CASE("results: conditions compare numbers by size and strings by their bytes") {
  SweepFolder folder;
  CHECK(indices(print(folder, ResultsFormat::json, {}, {{"lr", "1e6"}})) == std::vector{0, 2});
  CHECK(indices(print(folder, ResultsFormat::json, {}, {{"lr", "+1000000"}})) == std::vector{0, 2});
  CHECK(indices(print(folder, ResultsFormat::json, {}, {{"lr", ".5"}})) == std::vector{1});
  CHECK(indices(print(folder, ResultsFormat::json, {}, {{"lr", "null"}})) == std::vector{3});
  CHECK(indices(print(folder, ResultsFormat::json, {}, {{"opt", "true"}})) == std::vector{2, 3});
  CHECK(indices(print(folder, ResultsFormat::json, {}, {{"lr", "1e6"}, {"opt", "adam"}})) == std::vector{0});
  CHECK(value_equals("9007199254740993", "9007199254740993"));
  CHECK_FALSE(value_equals("9007199254740993", "9007199254740992"));
  CHECK_FALSE(value_equals("1", ""));
  CHECK_FALSE(value_equals("1", "one"));
}

TEST_CASE("results: a condition of an unknown parameter is an error that names those there are") {
  const Sweep sweep = make_sweep(4, {"lr", "opt"});
  const auto filter = ResultsFilter::create({}, {{"rate", "1"}}, sweep.space->columns());
  REQUIRE_FALSE(filter);
  CHECK(filter.error().message.find("lr, opt") != std::string::npos);
  CHECK_FALSE(parse_condition("lr"));
  CHECK_FALSE(parse_condition("=1"));
  CHECK(parse_condition("a=b=c")->value == "b=c");
}

TEST_CASE("results: a damaged file is an error, after what came before it") {
  SweepFolder folder;
  folder.add(outcomes, 0, 2);
  const ChunkFile file = folder.add_text({2, 4}, "{}\n");
  const Printed printed = print(folder, ResultsFormat::ndjson);
  REQUIRE_FALSE(printed.count);
  CHECK(printed.count.error().where.file == folder.path_of(file));
  CHECK(printed.text == test::text_of_file(folder.path_of(folder.files()[0])));
}

TEST_CASE("results: an output that takes no more is an error") {
  SweepFolder folder;
  folder.add(outcomes, 0, 4);
  const Sweep sweep = make_sweep(4, {"lr", "opt"});
  Result<ResultsFilter> filter = ResultsFilter::create({}, {}, sweep.space->columns());
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> full(std::fopen("/dev/full", "w"), std::fclose);
  REQUIRE(full);
  const auto count =
      print_results(ResultsFormat::ndjson, *filter, folder.stored(), sweep.space->columns(), full.get());
  REQUIRE_FALSE(count);
  CHECK(count.error().message.find("No space left") != std::string::npos);
}

TEST_CASE("results: a table of more rows than its widths are learnt from") {
  SweepFolder folder;
  Outcomes many;
  for (int i = 0; i < 1500; ++i)
    many.emplace_back("{\"lr\":" + std::to_string(i) + "}",
                      i < 1200 ? "1" : "{\"late\":\"" + std::string(100, 'w') + "\"}");
  folder.add(many, 0, 1500);
  const Printed printed = print(folder, ResultsFormat::table);
  CHECK(printed.count.value() == 1500);
  CHECK(printed.text.starts_with("index  status   lr  opt  result\n    0  ok        0            1\n"));
  CHECK(printed.text.find("late") == std::string::npos);
  CHECK(printed.text.ends_with("\n 1499  ok      1499\n"));
}

TEST_CASE("terminal text: cut by characters, not bytes") {
  CHECK(terminal_text("héllo", 5) == "héllo");
  CHECK(terminal_text("héllo!", 5) == "héll…");
  CHECK(terminal_text("a\tb\x7f\xc2\x85", 40) == "a\\tb\\x7f\\x85");
}

}  // namespace
}  // namespace sweepd
