#include <doctest/doctest.h>

#include "tests/core/space_check.h"

using namespace sweepd;
using namespace sweepd::test;

namespace {

using Row = std::vector<std::pair<std::string, Value>>;

SpacePtr table(const std::vector<Row>& rows) {
  TableBuilder builder("points.csv");
  uint32_t line = 1;
  for (const Row& row : rows) {
    builder.begin_row(++line);
    for (const auto& [name, value] : row) REQUIRE(builder.add(name, value));
  }
  return builder.finish({}).value();
}

}  // namespace

TEST_CASE("table: rows come back as they were added, whatever their names") {
  const SpacePtr rows = table({{{"a", integer(1)}, {"b", text("x")}},
                               {{"a", integer(2)}, {"b", text("")}},
                               {{"b", text("y")}, {"a", real(3)}},
                               {},
                               {{"c", Value::null()}},
                               {{"a", integer(1)}, {"b", text("x")}, {"c", Value::of(true)}},
                               {{"a", integer(9)}}});
  CHECK(all_points(rows) == std::vector<std::string>{R"({"a":1,"b":"x"})", R"({"a":2,"b":""})",
                                                     R"({"b":"y","a":3.0})", "{}", R"({"c":null})",
                                                     R"({"a":1,"b":"x","c":true})", R"({"a":9})"});
  check_columns(*rows);
  check_ranks(*rows);
  CHECK(rows->distinct());
}

TEST_CASE("table: equal rows are replicates, also with their names in another order") {
  const SpacePtr rows = table({{{"a", integer(1)}, {"b", integer(2)}},
                               {{"b", integer(2)}, {"a", integer(1)}},
                               {{"a", integer(2)}, {"b", integer(1)}},
                               {{"a", integer(1)}, {"b", integer(2)}}});
  CHECK_FALSE(rows->distinct());
  check_ranks(*rows);
  CHECK(rows->rank(3).before == 2);
}

TEST_CASE("table: values are visited with their lines until the visitor has enough") {
  const SpacePtr rows =
      table({{{"a", integer(1)}}, {{"b", integer(2)}}, {{"b", integer(5)}, {"a", integer(3)}}});
  std::vector<std::pair<int64_t, uint32_t>> seen;
  const auto look = [&](const Value& value, const SourcePosition& where) {
    seen.emplace_back(value.integer(), where.line);
    return where.file == "points.csv" && value.integer() != 3;
  };
  CHECK_FALSE(rows->visit("a", look));
  CHECK(rows->visit("b", look));
  CHECK(rows->visit("c", look));
  CHECK(seen == std::vector<std::pair<int64_t, uint32_t>>{{1, 2}, {3, 4}, {2, 3}, {5, 4}});
}

TEST_CASE("table: a name twice in a row, an empty name and an overlong string are refused with their line") {
  TableBuilder builder("points.csv");
  builder.begin_row(7);
  REQUIRE(builder.add("a", integer(1)));
  const Result<void> twice = builder.add("a", integer(2));
  REQUIRE_FALSE(twice);
  CHECK(twice.error().text().find("points.csv:7") == 0);
  CHECK(contains(twice.error().message, "'a' is given twice"));
  CHECK(contains(builder.add("", integer(1)).error().message, "no name"));
  const std::string huge((size_t{16} << 20) + 1, 'x');
  CHECK(contains(builder.add("b", text(huge)).error().message, "16 MiB"));
  CHECK(contains(builder.add(huge, integer(1)).error().message, "256 bytes"));
  CHECK(contains(builder.add("a{b}", integer(1)).error().message, "brace"));
}

TEST_CASE("table: no rows are refused, and a builder is empty after use") {
  TableBuilder builder("points.csv");
  CHECK(contains(message_of(builder.finish({})), "no points"));
  builder.begin_row(1);
  REQUIRE(builder.add("a", integer(1)));
  CHECK(builder.rows() == 1);
  CHECK(builder.finish({}).value()->size() == 1);
  CHECK(builder.rows() == 0);
  CHECK_FALSE(builder.finish({}));
}

TEST_CASE("table: strings are copied and large ones kept whole") {
  std::string word(3 << 20, 'w');
  TableBuilder builder("points.csv");
  for (uint32_t row = 0; row < 3; ++row) {
    word[0] = static_cast<char>('0' + row);
    builder.begin_row(row);
    REQUIRE(builder.add("a", text(word)));
    REQUIRE(builder.add("b", text("small")));
  }
  const SpacePtr rows = builder.finish({}).value();
  word.assign(word.size(), 'x');
  CHECK(rows->at(1)[0].value.string().substr(0, 3) == "1ww");
  CHECK(rows->at(2)[0].value.string().size() == word.size());
  CHECK(rows->at(0)[1].value == text("small"));
}

TEST_CASE("table: many rows of changing shapes") {
  std::vector<Row> rows;
  for (int64_t i = 0; i < 30000; ++i) {
    Row row = {{"n", integer(i % 20000)}};
    if (i % 3 == 0) row.emplace_back("three", real(static_cast<double>(i)));
    if (i % 7 < 3) row.emplace_back("text", text(i % 2 == 0 ? "even" : "odd"));
    rows.push_back(std::move(row));
  }
  const SpacePtr space = table(rows);
  REQUIRE(space->size() == rows.size());
  for (uint64_t i = 0; i < rows.size(); ++i) {
    const Point point = space->at(i);
    REQUIRE(point.size() == rows[i].size());
    for (size_t k = 0; k < point.size(); ++k)
      REQUIRE((point[k].name == rows[i][k].first && point[k].value == rows[i][k].second));
  }
  check_ranks(*space);
  CHECK_FALSE(space->distinct());
}

TEST_CASE("table: equal rows have equal fingerprints, other rows do not") {
  const uint64_t fingerprint = table({{{"a", integer(1)}}, {{"a", integer(2)}}})->fingerprint();
  CHECK(table({{{"a", integer(1)}}, {{"a", integer(2)}}})->fingerprint() == fingerprint);
  CHECK(table({{{"a", integer(2)}}, {{"a", integer(1)}}})->fingerprint() != fingerprint);
  CHECK(
      table({{{"a", integer(1)}, {"b", integer(2)}}, {{"b", integer(2)}, {"a", integer(3)}}})
          ->fingerprint() !=
      table({{{"a", integer(1)}, {"b", integer(2)}}, {{"a", integer(3)}, {"b", integer(2)}}})->fingerprint());
  CHECK(table({{{"b", integer(1)}}, {{"b", integer(2)}}})->fingerprint() != fingerprint);
}
