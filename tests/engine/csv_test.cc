#include "runner/engine/csv.h"

#include <doctest/doctest.h>

#include <string>

#include "runner/engine/merger.h"
#include "tests/engine/sweep_fixture.h"

namespace sweepd {
namespace {

using test::make_sweep;
using test::Outcomes;
using test::SweepFolder;

const std::string id = "0123456789abcdef0123";

std::string csv_of(const Outcomes& outcomes, std::vector<std::string> names) {
  SweepFolder folder;
  Sweep sweep = make_sweep(outcomes.size(), std::move(names));
  sweep.output.csv = true;
  folder.add(outcomes, 0, outcomes.size());
  const Result<MergeOutcome> outcome = merge(sweep, folder);
  REQUIRE(outcome);
  CHECK(folder.entries() == 3);
  return folder.csv();
}

TEST_CASE("csv: a row for every record, numbers as they are in the JSON") {
  CHECK(csv_of({{R"({"a":1,"b":1e6})", R"({"x":0.1,"n":-5,"t":true,"z":null})"},
                {R"({"b":2.50,"a":3})", R"({"x":1e-300,"n":12345678901234567890,"t":false,"z":7})"}},
               {"a", "b"}) ==
        "index,id,status,a,b,x,n,t,z\n"
        "0," +
            id +
            ",ok,1,1e6,0.1,-5,true,null\n"
            "1," +
            id + ",ok,3,2.50,1e-300,12345678901234567890,false,7\n");
}

TEST_CASE("csv: strings are raw and quoted where needed, lists and objects are JSON text") {
  CHECK(
      csv_of(
          {{R"({"a,b":"x y"})",
            R"({"s":"say \"hi\"","c":"a,b","n":"two\nlines","e":"","l":[1,"q"],"o":{"k":1},"u":"\u00e9"})"}},
          {"a,b"}) ==
      "index,id,status,\"a,b\",s,c,n,e,l,o,u\n"
      "0," +
          id +
          ",ok,x y,\"say \"\"hi\"\"\",\"a,b\",\"two\nlines\",\"\",\"[1,\"\"q\"\"]\",\"{\"\"k\"\":1}\",é\n");
}

TEST_CASE("csv: a result that is no object is the column result") {
  CHECK(csv_of({{"{}", "2.5"}, {"{}", "\"text\""}}, {}) ==
        "index,id,status,result\n0," + id + ",ok,2.5\n1," + id + ",ok,text\n");
}

TEST_CASE("csv: a result field named as a parameter or as a fixed column gets another name") {
  CHECK(csv_of({{R"({"darts":10,"id":1})", R"({"darts":10,"status":5,"pi":3.0})"}}, {"darts", "id"}) ==
        "index,id,status,darts,params.id,result.darts,result.status,pi\n0," + id + ",ok,10,1,10,5,3.0\n");
}

TEST_CASE("csv: fields that appear late have their column in every row") {
  CHECK(csv_of({{R"({"a":1})", "!no"},
                {R"({"a":2})", R"({"x":1})"},
                {R"({"a":3})", R"({"y":"late","x":2})"},
                {R"({"b":4})", R"({"z":3})"}},
               {"a", "b"}) ==
        "index,id,status,a,b,x,y,z\n"
        "0," +
            id +
            ",failed,1,,,,\n"
            "1," +
            id +
            ",ok,2,,1,,\n"
            "2," +
            id +
            ",ok,3,,2,late,\n"
            "3," +
            id + ",ok,,4,,,3\n");
}

TEST_CASE("csv: a record with fewer fields leaves them empty") {
  CHECK(csv_of({{"{}", R"({"x":1,"y":2})"}, {"{}", R"({"y":3})"}, {"{}", "!no"}}, {}) ==
        "index,id,status,x,y\n0," + id + ",ok,1,2\n1," + id + ",ok,,3\n2," + id + ",failed,,\n");
}

TEST_CASE("csv: the number of columns is bounded, and that is told") {
  std::string result = "{";
  for (size_t i = 0; i < RecordColumns::max_fields + 5; ++i)
    result += (i > 0 ? ",\"f" : "\"f") + std::to_string(i) + "\":1";
  SweepFolder folder;
  Sweep sweep = make_sweep(1, {});
  sweep.output.csv = true;
  folder.add({{"{}", result + "}"}}, 0, 1);
  const Result<MergeOutcome> outcome = merge(sweep, folder);
  REQUIRE(outcome);
  CHECK(outcome->warnings.size() == 1);
  const std::string header = folder.csv().substr(0, folder.csv().find('\n'));
  CHECK(header.ends_with(",f9999"));
}

}  // namespace
}  // namespace sweepd
