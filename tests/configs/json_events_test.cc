#include "configs/json_events.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <vector>

using namespace sweepd;

namespace {

/// The events as JSON again, with the marks of scalars and beginnings beside.
class Rebuilt : public YamlSink {
 public:
  std::string text, marks;

  bool scalar(const NodeProperties& node, std::string_view value, bool quoted) override {
    begin_item(node);
    text += quoted ? nlohmann::json(value).dump() : value.empty() ? "null" : std::string(value);
    return true;
  }
  bool begin(const NodeProperties& node, Collection kind) override {
    begin_item(node);
    open_.push_back({kind == Collection::mapping, 0});
    text += open_.back().has_names ? '{' : '[';
    return true;
  }
  bool end() override {
    text += open_.back().has_names ? '}' : ']';
    open_.pop_back();
    return true;
  }
  bool alias(Mark, std::string_view) override { return false; }

 private:
  struct Open {
    bool has_names;
    size_t items;
  };
  void begin_item(const NodeProperties& node) {
    marks += std::to_string(node.mark.line) + ":" + std::to_string(node.mark.column) + " ";
    if (open_.empty()) return;
    Open& open = open_.back();
    if (open.items > 0) text += open.has_names && open.items % 2 == 1 ? ':' : ',';
    ++open.items;
  }
  std::vector<Open> open_;
};

std::string rebuilt(std::string_view text) {
  Rebuilt sink;
  const Result<void> read = read_json(text, "f", sink);
  return read ? sink.text : read.error().text();
}

TEST_CASE("json events: a text that is JSON is passed on, with all its strings and numbers") {
  for (const char* text :
       {R"({"a":[1,-0.5e-3,1E+2,true,false,null,"x"],"b":{},"":[]})", R"([[[]],{"a":{"b":[0]}}])"})
    CHECK(rebuilt(text) == text);
  CHECK(rebuilt("\n#!/bin/sh\n#SBATCH x\n\t[\t1 ,\r\n 2\t]\n") == "[1,2]");
  CHECK(rebuilt(R"(["\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83e\uddea"])") ==
        R"(["\"\\/\b\f\n\r\tAé€🧪"])");
  CHECK(rebuilt("[\"\u2028\u0085\x7f\ufeff\"]") == "[\"\u2028\u0085\x7f\ufeff\"]");
}

TEST_CASE("json events: numbers that JSON has not are passed on as Python writes them") {
  CHECK(rebuilt("[NaN, Infinity, -Infinity]") == "[NaN,Infinity,-Infinity]");
}

TEST_CASE("json events: marks count lines and characters") {
  Rebuilt sink;
  REQUIRE(read_json("# c\n{\"größe\": [\"α\",\n  1]}\n", "f", sink).has_value());
  CHECK(sink.marks == "2:1 2:2 2:11 2:12 3:3 ");
}

TEST_CASE("json events: what is no JSON is told with its place") {
  CHECK(rebuilt("[1,\n2 3]") == "f:2:3: this is not valid JSON: there should be ',' or ']' here");
  CHECK(rebuilt("{\"é\": 1,}") == "f:1:8: this is not valid JSON: nothing follows this comma; remove it");
  CHECK(rebuilt("{\"a\" 1}") == "f:1:6: this is not valid JSON: there should be ':' behind the name");
  CHECK(rebuilt("{a: 1}") == "f:1:2: this is not valid JSON: there should be a name in double quotes here");
  CHECK(rebuilt("[01]") == "f:1:3: this is not valid JSON: there should be ',' or ']' here");
  CHECK(rebuilt("[nan]") == "f:1:2: this is not valid JSON: there should be a value here");
  CHECK(rebuilt("[\"a\n\"]").find("f:1:4: this is not valid JSON: a string holds a control character") == 0);
  CHECK(rebuilt("[\"\\x\"]") ==
        "f:1:3: this is not valid JSON: a string has an escape that JSON does not know");
  CHECK(rebuilt("[\"\\u12g4\"]").find("f:1:3: this is not valid JSON: there should be four") == 0);
  CHECK(rebuilt("[\"abc") == "f:1:2: this is not valid JSON: this string has no end; close it with a quote");
  CHECK(rebuilt("[1] [2]") ==
        "f:1:5: this is not valid JSON: there is text after the end of the value; remove it");
  CHECK(rebuilt("[\"\xff\"]") == "f:1:3: this is not valid UTF-8; save the file in UTF-8");
}

TEST_CASE("json events: JSON is what nlohmann_json takes for it") {
  std::mt19937 random(1);
  const auto below = [&](size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random); };
  const std::string alphabet = "{}[],:\"\\u0123456789abcdeftrnls.-+E \n\t";
  const std::string begun = R"({"a": [1, -2.5e+3, "x\u00e9\n"], "b": {"c": true, "d": null}, "e": [[], {}]})";
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = begun;
    for (size_t edits = below(3); edits-- > 0;) text[below(text.size())] = alphabet[below(alphabet.size())];
    if (!begins_as_json(text) || text.find("\\ud") != std::string::npos) continue;
    CAPTURE(text);
    REQUIRE(nlohmann::json::accept(text) == check_json(text, "f").has_value());
    if (!nlohmann::json::accept(text)) continue;
    REQUIRE(nlohmann::json::parse(rebuilt(text)) == nlohmann::json::parse(text));
    ++accepted;
  }
  CHECK(accepted > 5000);
}

}  // namespace
