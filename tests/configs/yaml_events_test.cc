#include "configs/yaml_events.h"

#include <doctest/doctest.h>

#include "configs/text_file.h"
#include "tests/configs/corpus.h"

namespace sweepd {
namespace {

std::string text_of(Mark mark) { return std::to_string(mark.line) + ":" + std::to_string(mark.column); }

/// Writes events down, one a line.
class Transcript : public YamlSink {
 public:
  std::string text;

  bool scalar(const NodeProperties& node, std::string_view value, bool quoted) override {
    const bool null = value.empty() && !quoted && node.tag.empty();  // its mark is only roughly right
    text += (quoted ? "text " : "plain ") + std::string(value) + properties(node, !null) + "\n";
    return --left_ > 0;
  }
  bool begin(const NodeProperties& node, Collection kind) override {
    text += (kind == Collection::sequence ? "[" : "{") + properties(node, true) + "\n";
    return --left_ > 0;
  }
  bool end() override {
    text += "end\n";
    return --left_ > 0;
  }
  bool alias(Mark mark, std::string_view anchor) override {
    text += "*" + std::string(anchor) + " @" + text_of(mark) + "\n";
    return --left_ > 0;
  }
  void stop_after(int events) { left_ = events; }

 private:
  static std::string properties(const NodeProperties& node, bool with_mark) {
    return " <" + std::string(node.tag) + "> &" + std::string(node.anchor) +
           (with_mark ? " @" + text_of(node.mark) : "");
  }
  int left_ = 1'000'000;
};

using Reader = Result<void> (*)(const SourceText&, const std::string&, YamlSink&);

struct Reading {
  std::string events, error;
};

Reading read(Reader reader, const std::string& text) {
  const Result<SourceText> source = SourceText::check(text, "f");
  REQUIRE(source.has_value());
  Transcript transcript;
  const Result<void> done = reader(*source, "f", transcript);
  return {transcript.text, done ? "" : done.error().text()};
}

TEST_CASE("yaml events: what libyaml takes alone, both take together, with the same events and marks") {
  for (const char* folder : {"good", "bad-structure", "bad-meaning", "bad-yaml"}) {
    for (const std::string& file : corpus(folder)) {
      const Result<std::string> text = read_text_file(file, sweep_file_limit);
      REQUIRE(text.has_value());
      if (!SourceText::check(*text, file)) continue;
      const Reading fast = read(read_with_libyaml, *text);
      const Reading both = read(read_yaml, *text);
      if (both.error.empty()) CHECK_MESSAGE(fast.events == both.events, file);
      if (file.ends_with("unknown-alias.yaml") || file.ends_with("alias-of-itself.yaml")) continue;
      if (file.ends_with("-directive.yaml")) continue;
      CHECK_MESSAGE(fast.error == both.error, file);
    }
  }
}

TEST_CASE("yaml events: columns count characters, not bytes") {
  const std::string text = "größe: [α, β, 日本]\n";
  const char* expected =
      "{ <> & @1:1\nplain größe <> & @1:1\n[ <> & @1:8\nplain α <> & @1:9\nplain β <> & @1:12\n"
      "plain 日本 <> & @1:15\nend\nend\n";
  CHECK(read(read_with_yaml_cpp, text).events == expected);
  CHECK(read(read_with_libyaml, text).events == expected);
}

TEST_CASE("yaml events: the ways to write nothing are told apart, whatever stands before and behind them") {
  for (const std::string null : {"~", "null", "Null", "NULL"})
    for (const std::string& text : {"a: " + null + "\n", "{a: " + null + "}", "{a: " + null + ", b: 1}",
                                    "a: " + null + " # no\nb: 1\n", "a: &x " + null + "\n"}) {
      for (const Reader reader : {read_with_yaml_cpp, read_with_libyaml})
        CHECK(read(reader, text).events.find("plain " + null + " <> &") != std::string::npos);
    }
  const std::string empty = "{ <> & @1:1\nplain a <> & @1:1\nplain  <> &\nend\n";
  CHECK(read(read_with_yaml_cpp, "a:\n").events == empty);
  CHECK(read(read_with_libyaml, "a:\n").events == empty);
}

TEST_CASE("yaml events: a sink can end the reading") {
  const Result<SourceText> source = SourceText::check("[a, b, c]", "f");
  for (const Reader reader : {read_with_yaml_cpp, read_with_libyaml}) {
    Transcript transcript;
    transcript.stop_after(2);
    CHECK(reader(*source, "f", transcript).has_value());
    CHECK(transcript.text == "[ <> & @1:1\nplain a <> & @1:2\n");
  }
}

TEST_CASE("yaml events: what only yaml-cpp would take is refused") {
  CHECK(read(read_with_yaml_cpp, "a: 1\nb: \"c\n").error.empty());
  CHECK(read(read_yaml, "task:\npi\nx: 1\n").error ==
        "f:3:1: this is not valid YAML: could not find expected ':'");
}

TEST_CASE("yaml events: what the libraries read differently is refused") {
  CHECK(read(read_yaml, "a: '\n\n'\n").error ==
        "f:1:4: YAML libraries read this differently; write it more plainly, or quote it");
}

}  // namespace
}  // namespace sweepd
