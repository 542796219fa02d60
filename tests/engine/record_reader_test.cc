#include "runner/engine/record_reader.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "runner/engine/line_reader.h"
#include "tests/engine/sweep_fixture.h"

namespace sweepd {
namespace {

/// JSON with the bytes behind it that a reader wants.
class Padded {
 public:
  explicit Padded(const std::string& json)
      : size_(json.size()), text_(json + std::string(LineReader::padding, '#')) {}
  operator std::string_view() const { return std::string_view(text_).substr(0, size_); }

 private:
  size_t size_;
  std::string text_;
};

std::string plain(std::string_view raw) {
  std::string text;
  append_plain(text, raw);
  return text;
}

TEST_CASE("record reader: of members of one name the last counts, at the place of the first") {
  RecordReader reader;
  Members members;
  for (const size_t more : {0, 100}) {
    std::string text = R"({"a":1,"b":2,"\u0061":3)";
    for (size_t i = 0; i < more; ++i) text += ",\"k" + std::to_string(i) + "\":0";
    text += ",\"b\":4}";
    const size_t size = text.size();
    text.append(LineReader::padding, ' ');
    REQUIRE(reader.read(std::string_view(text).substr(0, size), members));
    REQUIRE(members.size() == 2 + more);
    CHECK(members[0].name == "a");
    CHECK(members[0].raw == "3");
    CHECK(members[1].raw == "4");
  }
}

TEST_CASE("record reader: members with the text of their values") {
  RecordReader reader;
  Members members;
  const Padded json(R"({"a":1.50,"b":"x\"y","c":[1,{"d":2}],"e":{"f":{}},"g":null,"h":true,"k\n":-1e3})");
  REQUIRE(reader.read(json, members));
  REQUIRE(members.size() == 7);
  CHECK(members[0].raw == "1.50");
  CHECK(members[1].raw == R"("x\"y")");
  CHECK(members[2].raw == R"([1,{"d":2}])");
  CHECK(members[3].raw == R"({"f":{}})");
  CHECK(members[4].raw == "null");
  CHECK(members[5].raw == "true");
  CHECK(members[6].name == "k\n");
  CHECK(members[6].raw == "-1e3");
  CHECK(find(members, "e") == &members[3]);
  CHECK(find(members, "z") == nullptr);
}

TEST_CASE("record reader: damaged objects are refused") {
  RecordReader reader;
  Members members;
  for (const char* json : {"", "{", "[1]", "3", R"({"a":1)", R"({"a":1]})", R"({"a" 1})", R"({"a":1 "b":2})",
                           R"({"a":"x)", R"({"a":1}})", R"({"a":1}{"b":2})", "{\"a\":\"\xff\"}"}) {
    CAPTURE(json);
    CHECK_FALSE(reader.read(Padded(json), members));
  }
  CHECK(reader.read(Padded("{}"), members));
  CHECK(members.empty());
}

TEST_CASE("record reader: depth costs nothing") {
  RecordReader reader;
  Members members;
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const Padded json("{\"a\":" + deep + ",\"b\":1}");
  REQUIRE(reader.read(json, members));
  CHECK(members[0].raw == deep);
  CHECK(members[1].raw == "1");
}

TEST_CASE("record reader: lines with random damage are refused or read, never more") {
  std::mt19937 random(1);
  const std::string whole = test::record_line(7, R"({"a":"x\"}","b":1})",
                                              R"({"x":{"y":[1,2,{}]},"s":"\u00e9\\","n":-1e3,"t":null})");
  const std::string_view bytes = "{}[]\",:\\019eE.-untrf \xC3\xFF";
  RecordReader reader;
  Members members;
  uint64_t refused = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string line = whole.substr(0, whole.size() - 1);
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      const size_t place = random() % line.size();
      if (random() % 4 == 0)
        line.erase(place, random() % 8);
      else
        line[place] = bytes[random() % bytes.size()];
    }
    const Padded padded(line);
    const auto record = scan_record(padded, RunPart::present);
    const bool is_read =
        record && reader.read(record->params, members) && reader.read_result(record->value, members);
    refused += is_read ? 0 : 1;
    if (!is_read) continue;
    for (const Member& member : members) {
      number_of(member.raw);
      CHECK(plain(member.raw).size() <= member.raw.size());
    }
  }
  CHECK(refused > 10'000);
  CHECK(refused < 50'000);
}

TEST_CASE("record reader: a result that is no object is the member \"result\"") {
  RecordReader reader;
  Members members;
  const Padded json("2.5");
  REQUIRE(reader.read_result(json, members));
  REQUIRE(members.size() == 1);
  CHECK(members[0].name == "result");
  CHECK(members[0].raw == "2.5");
}

TEST_CASE("numbers: integers within 64 bits stay integers") {
  CHECK(number_of("-12")->is_integer);
  CHECK(number_of("9223372036854775807")->integer == INT64_MAX);
  CHECK_FALSE(number_of("9223372036854775808")->is_integer);
  CHECK(number_of("9223372036854775808")->real == 9223372036854775808.0);
  CHECK_FALSE(number_of("1.0")->is_integer);
  CHECK(number_of("1e3")->real == 1000.0);
  CHECK(number_of("true")->integer == 1);
  CHECK(number_of("false")->integer == 0);
  CHECK(std::isnan(number_of("\"NaN\"")->real));
  CHECK(number_of("\"-Infinity\"")->real == -INFINITY);
  CHECK(number_of("1e999")->real == INFINITY);
  CHECK(number_of("-1e-999")->real == 0.0);
  for (const char* text : {"", "null", "\"1\"", "nan", "inf", "+1", "0x10", "1 ", "-", "1e", "{}", "[1]"}) {
    CAPTURE(text);
    CHECK_FALSE(number_of(text));
  }
}

TEST_CASE("strings: unescaped as another JSON reader does") {
  for (const char* raw : {R"("")", R"("plain")", R"("a\"b\\c\/d\b\f\n\r\te")",
                          R"("\u00e9\u20ac\ud83d\ude00 é")", R"("\u0000")"})
    CHECK(plain(raw) == nlohmann::json::parse(raw).get<std::string>());
  CHECK(plain(R"("\ud83dx")") == "\xEF\xBF\xBDx");
  CHECK(plain(R"("\ude00")") == "\xEF\xBF\xBD");
  CHECK(plain("[1,\"a\"]") == "[1,\"a\"]");
}

}  // namespace
}  // namespace sweepd
