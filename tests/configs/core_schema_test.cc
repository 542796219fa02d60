// The examples of YAML 1.2.2, section 10.3.2, and the edges of its expressions.
#include "configs/core_schema.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

using namespace sweepd;

namespace {

Value resolved(std::string_view text) { return resolve_plain(text).value(); }
bool is_text(std::string_view text) { return resolved(text) == Value::of(text); }

}  // namespace

TEST_CASE("core schema: nulls and booleans are a few words in three spellings") {
  for (const char* text : {"", "~", "null", "Null", "NULL"}) CHECK(resolved(text) == Value::null());
  for (const char* text : {"true", "True", "TRUE"}) CHECK(resolved(text) == Value::of(true));
  for (const char* text : {"false", "False", "FALSE"}) CHECK(resolved(text) == Value::of(false));
  for (const char* text :
       {"nULL", "tRUE", "~~", "yes", "no", "on", "off", "y", "N", "none", "None", "nullx", "truest"})
    CHECK(is_text(text));
}

TEST_CASE("core schema: integers are decimal, octal with 0o or hexadecimal with 0x") {
  const std::pair<const char*, int64_t> cases[] = {
      {"0", 0},
      {"-0", 0},
      {"+7", 7},
      {"0123", 123},
      {"-019", -19},
      {"0o17", 15},
      {"0o0", 0},
      {"0x1F", 31},
      {"0xdeadBEEF", 3735928559},
      {"9223372036854775807", std::numeric_limits<int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<int64_t>::min()},
      {"0x7fffffffffffffff", std::numeric_limits<int64_t>::max()},
      {"0000000000000000000000000000001", 1}};
  for (const auto& [text, value] : cases) CHECK(resolved(text) == Value::of(value));
  for (const char* text :
       {"0o",  "0x", "0o8", "0xg",   "-0x1", "+0o7", "0X1F", "0O17", "0b1", "1_000",     "--1",
        "+-1", "-",  "+",   "12:30", "1 2",  "0x-1", "0o-1", "0x+1", "1a",  "2024-01-01"})
    CHECK(is_text(text));
}

TEST_CASE("core schema: floats") {
  const std::pair<const char*, double> cases[] = {{"1.0", 1},         {"1.", 1},
                                                  {".5", 0.5},        {"-.5", -0.5},
                                                  {"+.5e1", 5},       {"1e3", 1000},
                                                  {"1E3", 1000},      {"1e+3", 1000},
                                                  {"12e-03", 0.012},  {"-2E+05", -2e5},
                                                  {"0.1", 0.1},       {"-0.0", -0.0},
                                                  {"1.e2", 100},      {"6.8523015e+5", 685230.15},
                                                  {"00.5", 0.5},      {"1e308", 1e308},
                                                  {"5e-324", 5e-324}, {"0e0", 0}};
  for (const auto& [text, value] : cases) CHECK(resolved(text) == Value::of(value));
  for (const char* text : {".", "-.", "e3", ".e3", "1e", "1e+", "1.5.2", "1.0f", "1e3.5", "- 1", "1,5",
                           "0x1p3", "inf", "nan", "Infinity", "..5"})
    CHECK(is_text(text));
}

TEST_CASE("core schema: infinities and not-a-number") {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const char* text : {".inf", ".Inf", ".INF", "+.inf", "+.INF"})
    CHECK(resolved(text) == Value::of(infinity));
  for (const char* text : {"-.inf", "-.Inf", "-.INF"}) CHECK(resolved(text) == Value::of(-infinity));
  for (const char* text : {".nan", ".NaN", ".NAN"}) CHECK(std::isnan(resolved(text).real()));
  for (const char* text : {".iNF", ".Nan", "-.nan", "+.NaN", ".infinity"}) CHECK(is_text(text));
}

TEST_CASE("core schema: numbers that do not fit are errors, not floats or strings") {
  for (const char* text :
       {"9223372036854775808", "-9223372036854775809", "18446744073709551616", "0x8000000000000000",
        "0o1000000000000000000000", "100000000000000000000000000000000000000000000000"}) {
    const Result<Value> value = resolve_plain(text);
    REQUIRE_FALSE(value);
    CHECK(value.error().message.find("does not fit a 64-bit integer") != std::string::npos);
  }
  for (const char* text : {"1e999", "-1e309"}) {
    const Result<Value> value = resolve_plain(text);
    REQUIRE_FALSE(value);
    CHECK(value.error().message.find("does not fit a 64-bit float") != std::string::npos);
  }
}

TEST_CASE("core schema: all else is the text itself") {
  for (const char* text : {"adam", "a b", "-x", "+", "true ", " 1", "\xc3\xa9", "#", "{}", "-"})
    CHECK(is_text(text));
}
