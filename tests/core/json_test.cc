// What is written is held to nlohmann_json's reader, and the form of floats to Python's repr.
#include "runner/core/json.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

using namespace sweepd;

namespace {

template <typename T>
std::string json_of(T value) {
  std::string out;
  append_json(out, value);
  return out;
}

std::string text_of(const Value& value) {
  std::string out;
  append_text(out, value);
  return out;
}

}  // namespace

TEST_CASE("json: floats are written as Python's repr writes them") {
  const std::pair<double, const char*> cases[] = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {-3.0, "-3.0"},
      {0.1, "0.1"},
      {-0.25, "-0.25"},
      {1e6, "1000000.0"},
      {123.456, "123.456"},
      {0.0001, "0.0001"},
      {0.00012345, "0.00012345"},
      {0.00001, "1e-05"},
      {1.5e-5, "1.5e-05"},
      {-9.999e-5, "-9.999e-05"},
      {1e15, "1000000000000000.0"},
      {9999999999999998.0, "9999999999999998.0"},
      {1e16, "1e+16"},
      {-1.25e16, "-1.25e+16"},
      {1e22, "1e+22"},
      {1e100, "1e+100"},
      {9007199254740992.0, "9007199254740992.0"},
      {9007199254740991.0, "9007199254740991.0"},
      {1234567890123456.8, "1234567890123456.8"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {2.2250738585072014e-308, "2.2250738585072014e-308"},
  };
  for (const auto& [value, text] : cases) CHECK(json_of(value) == text);
}

TEST_CASE("json: what has no JSON number becomes a string") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(json_of(std::nan("")) == "\"NaN\"");
  CHECK(json_of(-std::nan("")) == "\"NaN\"");
  CHECK(json_of(infinity) == "\"Infinity\"");
  CHECK(json_of(-infinity) == "\"-Infinity\"");
}

TEST_CASE("json: any float reads back equal, with a point or an exponent") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200000; ++i) {
    const uint64_t bits = random();
    double value = std::bit_cast<double>(bits);
    if (i % 4 == 1) value = static_cast<double>(static_cast<int64_t>(bits)) * 0x1p-40;
    if (i % 4 == 2) value = static_cast<double>(bits % 100000) / 1000;
    if (!std::isfinite(value)) continue;
    const std::string text = json_of(value);
    REQUIRE(text.find_first_of(".e") != std::string::npos);
    const auto read = nlohmann::json::parse(text);
    REQUIRE(read.is_number_float());
    REQUIRE(std::bit_cast<uint64_t>(read.get<double>()) == std::bit_cast<uint64_t>(value));
  }
}

TEST_CASE("json: integers are written whole") {
  CHECK(json_of(int64_t{0}) == "0");
  CHECK(json_of(std::numeric_limits<int64_t>::min()) == "-9223372036854775808");
  CHECK(json_of(std::numeric_limits<int64_t>::max()) == "9223372036854775807");
  CHECK(json_of(std::numeric_limits<uint64_t>::max()) == "18446744073709551615");
}

TEST_CASE("json: each character reads back, and control characters are escaped") {
  for (int byte = 0; byte < 128; ++byte) {
    const std::string text = std::string("a") + static_cast<char>(byte) + "b";
    const std::string json = json_of(std::string_view(text));
    CHECK(nlohmann::json::parse(json).get<std::string>() == text);
    for (const char c : json) CHECK(static_cast<unsigned char>(c) >= 0x20);
  }
  CHECK(json_of("\"\\\b\f\n\r\t\x01\x7f/") == "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7f/\"");
  CHECK(json_of("\xc3\xa9 \xf0\x9f\x8e\xaf") == "\"\xc3\xa9 \xf0\x9f\x8e\xaf\"");
  CHECK(json_of("") == "\"\"");
}

TEST_CASE("json: random text with many escapes reads back") {
  std::mt19937 random(2);
  for (int i = 0; i < 2000; ++i) {
    std::string text(random() % 60, ' ');
    for (char& c : text)
      c = static_cast<char>(random() % 3 == 0 ? random() % 0x20 : "\"\\ab/ \x7f"[random() % 7]);
    REQUIRE(nlohmann::json::parse(json_of(std::string_view(text))).get<std::string>() == text);
  }
}

TEST_CASE("json: a point is an object in its own order") {
  const Point point = {
      {"b", Value::of(int64_t{1})}, {"a", Value::of(2.0)},   {"q\"", Value::of(std::string_view("x"))},
      {"t", Value::of(true)},       {"f", Value::of(false)}, {"n", Value::null()}};
  CHECK(json_of<const Point&>(point) == R"({"b":1,"a":2.0,"q\"":"x","t":true,"f":false,"n":null})");
  CHECK(json_of<const Point&>({}) == "{}");
}

TEST_CASE("json: as text a string is its own bytes and all else its JSON without quotes") {
  CHECK(text_of(Value::of(std::string_view("a \"b\"\n"))) == "a \"b\"\n");
  CHECK(text_of(Value::of(1e6)) == "1000000.0");
  CHECK(text_of(Value::of(int64_t{-4})) == "-4");
  CHECK(text_of(Value::of(true)) == "true");
  CHECK(text_of(Value::null()) == "null");
  CHECK(text_of(Value::of(std::nan(""))) == "NaN");
  CHECK(text_of(Value::of(-std::numeric_limits<double>::infinity())) == "-Infinity");
}
