#include "runner/core/command_json.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "runner/core/command_result.h"

using namespace sweepd;

namespace {

std::string compact(const std::string& text) {
  std::string out;
  const auto done = append_compact_json(text, out);
  return done ? out : "error: " + done.error().message;
}

bool is_refused(const std::string& text) { return compact(text).starts_with("error: "); }

std::string json_result(const std::string& output) {
  std::string out = "before ";
  const Result<bool> done = append_json_result(output, out);
  return done ? out.substr(7) : "error: " + done.error().message;
}

}  // namespace

TEST_CASE("json: white space between the parts goes, all else stays as it was written") {
  CHECK(compact(" { \"a b\" : [ 1 , 2.50 , -0 , 1E+2 ] ,\r\n\t\"c\" : { } , \"d\" : [ ] } \n") ==
        "{\"a b\":[1,2.50,-0,1E+2],\"c\":{},\"d\":[]}");
  CHECK(compact("123456789012345678901234567890") == "123456789012345678901234567890");
  CHECK(compact("0.1000000000000000055511151231257827") == "0.1000000000000000055511151231257827");
  CHECK(compact("[true,false,null]") == "[true,false,null]");
  CHECK(compact(R"("\" \\ \/ \b\f\n\r\t \u00e9 \ud83d\ude00 é")") ==
        R"("\" \\ \/ \b\f\n\r\t \u00e9 \ud83d\ude00 é")");
}

TEST_CASE("json: what has no number in JSON becomes a string") {
  CHECK(compact(R"({"a": NaN, "b": [Infinity, -Infinity], "c": "NaN"})") ==
        R"({"a":"NaN","b":["Infinity","-Infinity"],"c":"NaN"})");
  CHECK(compact("[nan, -nan, inf, -inf]") == R"(["NaN","NaN","Infinity","-Infinity"])");
  CHECK(compact("[1e999, -1e999, 1e-999, 0.0e999]") == R"(["Infinity","-Infinity",1e-999,0.0e999])");
}

TEST_CASE("json: half a surrogate pair becomes U+FFFD") {
  CHECK(compact(R"("a\ud800b")") == R"("a\ufffdb")");
  CHECK(compact(R"("\udc00\ud800\ud83d\ude00")") == R"("\ufffd\ufffd\ud83d\ude00")");
}

TEST_CASE("json: what is not one JSON value is refused") {
  for (const char* text :
       {"",        " ",         "{",           "}",         "[1,]",     "[,1]",     "{\"a\":1,}",
        "{\"a\"}", "{a:1}",     "{1:2}",       "01",        "1.",       ".5",       "+1",
        "-",       "1e",        "1e+",         "0x10",      "'a'",      "\"a",      "\"\n\"",
        "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "tru",       "True",     "None",     "1 2",
        "[1]]",    "{} {}",     "[1 2]",       "{\"a\" 1}", "\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"",
        "\xff",    "nano",      "[",           "[1",        "{\"a\":",  "\"\\",     "\"\\u",
        "-x"}) {
    CAPTURE(text);
    CHECK(is_refused(text));
  }
  CHECK(is_refused(std::string("\"a\0b\"", 5)));
  CHECK(is_refused(std::string("1\0", 2)));
}

TEST_CASE("json: which side of the range a number is on is told by its value, however it is written") {
  const std::string zeros(400, '0');
  CHECK(compact("1" + zeros + "e-300") == "1" + zeros + "e-300");
  CHECK(compact("1" + zeros + "e-5") == "\"Infinity\"");
  CHECK(compact("-1" + zeros) == "\"-Infinity\"");
  CHECK(compact("0." + zeros + "1e300") == "0." + zeros + "1e300");
  CHECK(compact("0." + zeros + "1e1") == "0." + zeros + "1e1");
  CHECK(compact("0." + zeros + "1e800") == "\"Infinity\"");
}

TEST_CASE("json: a name that stands twice in one object is refused, however it is spelled") {
  for (const char* text : {R"({"a":1,"a":2})", R"({"a":1,"b":2,"\u0061":3})", R"({"":1,"":2})",
                           R"([{"x":{"a":1,"a":1}}])", R"({"\/":1,"/":2})", R"({"\ud800":1,"\udc00":2})"}) {
    CAPTURE(text);
    CHECK(is_refused(text));
    CHECK(compact(text).find("stands twice") != std::string::npos);
  }
  CHECK(compact(R"({"a":1,"b":2,"a":3})") == "error: the name \"a\" stands twice in the object at byte 0");
  CHECK_FALSE(is_refused(R"({"a":{"a":1},"b":[{"a":2},{"a":3}],"A":4})"));
  CHECK(compact("{\"" + std::string(100'000, 'k') + "\":1,\"" + std::string(100'000, 'k') + "\":1}").size() <
        200);
}

TEST_CASE("json: nesting is bounded") {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(compact(nested(max_json_depth)) == nested(max_json_depth));
  CHECK(is_refused(nested(max_json_depth + 2)));
  CHECK(is_refused(std::string(1'000'000, '[')));
}

TEST_CASE("json: on altered texts it agrees with nlohmann_json") {
  const std::string seeds[] = {R"({"a":[1,-2.5e3,"x\n\u00e9",null],"b":{"c":true,"d":[]}})",
                               R"([0.1,[[]],{"":{}},"é€"])", R"("\ud83d\ude00\\")", "-12.0E-7"};
  const std::string alphabet = "{}[]\",:\\ \n\t01-+.eEutrfalsn\xc3\xa9\x80/";
  std::mt19937 random(1);
  const auto below = [&random](size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random);
  };
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seeds[below(std::size(seeds))];
    for (size_t edits = below(3); edits-- > 0;) text[below(text.size())] = alphabet[below(alphabet.size())];
    const std::string ours = compact(text);
    CAPTURE(text);
    if (ours.find("stands twice") != std::string::npos) continue;  // what JSON allows, and we do not
    if (nlohmann::json::accept(text)) {
      REQUIRE(nlohmann::json::accept(ours));
      REQUIRE(nlohmann::json::parse(ours) == nlohmann::json::parse(text));
      ++accepted;
    } else if (!is_refused(text)) {
      REQUIRE(nlohmann::json::accept(ours));  // only what is written differently: NaN, half a pair
      REQUIRE(ours != text);
    }
  }
  CHECK(accepted > 1000);
}

TEST_CASE("json result: the value counts that ends the output, on whatever line it begins") {
  CHECK(json_result("{\n  \"a\": 1\n}\n") == R"({"a":1})");
  CHECK(json_result("step 1\nstep 2\n{\"a\": 1}\n\n  \n") == R"({"a":1})");
  CHECK(json_result("1\n2\r\n3\r\n") == "3");
  CHECK(json_result("step 1\n[info] x\n{\n  \"a\": [\n    1,\n    {\"b\": 2}\n  ]\n}\n") ==
        R"({"a":[1,{"b":2}]})");
  CHECK(json_result("{\"step\": 1}\n{\"step\": 2}\n[\n1,\n2]") == "[1,2]");
  CHECK(json_result("[1]\n[2\n]\n[\n[3]\n]") == "[[3]]");
}

TEST_CASE("json result: lines may end in carriage returns, and begin with byte order marks") {
  CHECK(json_result("10%\r100%\r{\"a\": 1}") == R"({"a":1})");
  CHECK(json_result("10%\r100%\r{\r\n\"a\": 1\r\n}\r\n") == R"({"a":1})");
  CHECK(json_result("100%\r5\r") == "5");
  CHECK(json_result("\xEF\xBB\xBF{\"a\": 1}") == R"({"a":1})");
  CHECK(json_result("\xEF\xBB\xBF\r\n{\"a\": 1}") == R"({"a":1})");
  CHECK(json_result("\xEF\xBB\xBF {\n\"a\": 1}") == R"({"a":1})");
  CHECK(json_result("done\n \xEF\xBB\xBF{\n\"a\": 1}") == R"({"a":1})");
  CHECK(json_result("{\"a\": \"\xEF\xBB\xBF\"}") == "{\"a\":\"\xEF\xBB\xBF\"}");
}

TEST_CASE("json result: each byte is read once, however many lines might begin it") {
  std::string nested;
  for (int i = 0; i < 120; ++i) nested += "[\n";
  for (int i = 0; i < 200'000; ++i) nested += "{\"a\": 1},\n";
  CHECK(json_result(nested + "x").find("no JSON value at byte 2000240") != std::string::npos);
}

TEST_CASE("json result: an error says where, shows a piece on one line, and leaves nothing behind") {
  CHECK(json_result("").find("printed nothing") != std::string::npos);
  CHECK(json_result("\n \n").find("printed nothing") != std::string::npos);
  CHECK(json_result("\xEF\xBB\xBF\n").find("printed nothing") != std::string::npos);
  CHECK(json_result("{\"a\": 1}\ndone").find("more than one JSON value") != std::string::npos);
  CHECK(json_result("log\n{\n\"a\": 1,\n\"a\": 2\n}").find("stands twice") != std::string::npos);
  const std::string cut = json_result("{\"a\": 1,\n \"b\" 2}");
  CHECK(cut.find("no ':' at byte 14") != std::string::npos);
  CHECK(cut.find('\n') == std::string::npos);
  CHECK(json_result("fine\nnot so \xff").find("not so \uFFFD") != std::string::npos);
  std::string out = "before";
  CHECK_FALSE(append_json_result("[1,2", out));
  CHECK(out == "before");
}

TEST_CASE("json result: an object that was cut off is not taken for its last line") {
  CHECK(json_result("{\"a\": 1,\n\"b\":\n 2").find("no ',' or '}'") != std::string::npos);
  CHECK(json_result("[\n{\"a\": 1}").find("no ',' or ']'") != std::string::npos);
  CHECK(json_result("a line\n{\"a\": 1,\n\"b\":\n 2").find("no ',' or '}'") != std::string::npos);
  CHECK(json_result("10%\r[\n1,\n2,\n3").find("no ',' or ']'") != std::string::npos);
  CHECK(json_result("[12:00] a line\n{\"a\": 1}") == R"({"a":1})");
}

TEST_CASE("text result: trimmed, valid UTF-8, one JSON string") {
  std::string out;
  append_text_result(" \n a \"b\"\nc\xff \n", out);
  CHECK(out == "\"a \\\"b\\\"\\nc\uFFFD\"");
}
