#include "configs/document.h"

#include <doctest/doctest.h>

namespace sweepd {
namespace {

/// The tree as one line of flow style.
std::string written(const Node& node) {
  if (node.kind == NodeKind::scalar) return node.is_null() ? "~" : node.text;
  std::string text = node.kind == NodeKind::mapping ? "{" : "[";
  for (size_t i = 0; i < node.children.size(); ++i) {
    const bool value = node.kind == NodeKind::mapping && i % 2 == 1;
    if (i > 0) text += value ? ": " : ", ";
    text += written(*node.children[i]);
  }
  return text + (node.kind == NodeKind::mapping ? "}" : "]");
}

struct Read {
  std::string tree, errors;
};

Read read(const std::string& text, const DocumentLimits& limits = {}, const RowStreams& streams = {}) {
  Complaints complaints("f");
  const Document document = read_document(text, streams, complaints, limits);
  Read result{document.root != nullptr ? written(*document.root) : "", ""};
  for (const Error& error : std::move(complaints).sorted()) result.errors += error.text() + "\n";
  return result;
}

TEST_CASE("document: anchors and aliases") {
  CHECK(read("a: &x [1, &y {b: 2}]\nc: *x\nd: *y\n").tree == "{a: [1, {b: 2}], c: [1, {b: 2}], d: {b: 2}}");
  CHECK(read("- &a 1\n- *a\n- &a 2\n- *a\n").tree == "[1, 1, 2, 2]");
  CHECK(read("- &k key\n- {*k : 1}\n").tree == "[key, {key: 1}]");
}

TEST_CASE("document: merge keys, where the mapping's own keys win and earlier ones in a list") {
  CHECK(read("- &a {x: 1, y: 2}\n- {<<: *a, y: 3}\n").tree == "[{x: 1, y: 2}, {y: 3, x: 1}]");
  CHECK(read("- &a {x: 1}\n- &b {x: 2, y: 2}\n- {z: 0, <<: [*a, *b]}\n").tree ==
        "[{x: 1}, {x: 2, y: 2}, {z: 0, x: 1, y: 2}]");
  CHECK(read("{<<: {x: 1}}\n").tree == "{x: 1}");
  CHECK(read("{'<<': {x: 1}}\n").tree == "{<<: {x: 1}}");
  CHECK(read("- &a {<<: {p: 1}, q: 2}\n- {<<: *a}\n").tree == "[{q: 2, p: 1}, {q: 2, p: 1}]");
}

TEST_CASE("document: a key given twice is told with both places, also among many") {
  CHECK(read("a: 1\nb: 2\n'a': 3\n").errors ==
        "f:3:1: 'a' is given twice; the first is at line 1, column 1\n");
  std::string many;
  for (int i = 0; i < 100; ++i) many += "k" + std::to_string(i) + ": 1\n";
  CHECK(read(many + "k7: 2\n").errors == "f:101:1: 'k7' is given twice; the first is at line 8, column 1\n");
}

TEST_CASE("document: keys must be names") {
  CHECK(read("{[a]: 1}").errors == "f:1:2: a key must be a name; it is a list\n");
  CHECK(read("~: 1").errors.find("a key must be a name; it is empty") != std::string::npos);
}

TEST_CASE("document: an alias without its anchor, or inside it, is refused") {
  CHECK(read("a: &x {b: *x}\n").errors == "f:1:11: the alias '*x' stands inside what it names\n");
  CHECK(read("a: &x {<<: *x}\n").errors == "f:1:12: the alias '*x' stands inside what it names\n");
  CHECK(read("a: *x\n").errors.starts_with("f:1:4: "));
}

TEST_CASE("document: what is JSON is read as JSON, with whatever its strings hold") {
  CHECK(read("{\n\t\"a\": \"\\ud83e\\uddea\", \"b\": [null, 1e3]}").tree == "{a: 🧪, b: [~, 1e3]}");
  CHECK(read("\xEF\xBB\xBF#!x\n[\"\u2028\"]").tree == "[\u2028]");
  CHECK(read("{\"<<\": {\"x\": 1}, \"y\": \"~\"}").tree == "{<<: {x: 1}, y: ~}");
  CHECK(read("{\"a\": 1,\n \"a\": 2}").errors.starts_with("f:2:2: 'a' is given twice"));
  CHECK(read("{\"a\": [\"\\u0000\"]}").errors.starts_with("f:1:8: this text holds the character \\0"));
  CHECK(read("{\"a\": [\"\\udcff\"]}").errors.starts_with("f:1:8: this text holds half of a character"));
  CHECK(
      read("{\"a\": [\"\\ud800\\ud800\"]}").errors.starts_with("f:1:8: this text holds half of a character"));
}

TEST_CASE("document: of what is neither JSON nor YAML the reading is told that came farther") {
  CHECK(read("{\"a\": 1, b: [2, 3],}").tree == "{a: 1, b: [2, 3]}");
  CHECK(read("{\"a\": \"\\ud83e\\uddea\",\n\"b\": 1,}").errors ==
        "f:2:7: this is not valid JSON: nothing follows this comma; remove it\n");
  CHECK(read("{a: [1, 2}").errors.starts_with("f:1:10: this is not valid YAML"));
  CHECK(read("{\"a\": \"\x01\"}").errors.starts_with("f:1:8: the control character U+0001"));
}

TEST_CASE("document: each limit is named when it is passed") {
  DocumentLimits limits;
  const std::string deep(max_depth, '['), end(max_depth, ']');
  CHECK(read(deep + "1" + end).tree == deep + "1" + end);
  CHECK(read("[" + deep + "1" + end + "]").errors ==
        "f:1:97: lists and mappings are nested more than 96 deep\n");
  limits.scalar_bytes = 4;
  CHECK(read("[1234, 12345]", limits).errors == "f:1:8: this text is longer than 4 bytes\n");
  limits = {};
  limits.anchors = 2;
  CHECK(read("[&a 1, &b 2, &c 3]", limits).errors == "f:1:14: there are more than 2 anchors\n");
  limits = {};
  limits.nodes = 3;
  CHECK(read("[1, 2]", limits).tree == "[1, 2]");
  CHECK(read("[1, 2, 3]", limits).errors.starts_with("f:1:8: the file has more than 3 values"));
}

TEST_CASE("document: aliases that stand for too much are refused before they are written out") {
  std::string bomb = "- &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 0; i < 20; ++i) {
    const std::string alias = "*a" + std::to_string(i);
    bomb += "- &a" + std::to_string(i + 1) + " [";
    for (int copy = 0; copy < 10; ++copy) bomb += alias + ", ";
    bomb += "]\n";
  }
  CHECK(read(bomb).errors.find("the aliases stand for more than 256 MiB of text") != std::string::npos);
}

TEST_CASE("document: a merge bomb is refused as well") {
  std::string bomb = "- &a0 {k: 0}\n";
  for (int i = 0; i < 40; ++i) {
    const std::string n = std::to_string(i);
    bomb += "- &a" + std::to_string(i + 1) + " {<<: [*a" + n + ", *a" + n + "], k" + n + ": 1}\n";
  }
  CHECK(read(bomb).errors.find("the aliases stand for more than 256 MiB of text") != std::string::npos);
}

TEST_CASE("document: tags beyond the core schema's are refused, and those on the wrong kind") {
  CHECK(read("a: !!str 1\nb: !!map {c: !!null }\n").errors.empty());
  CHECK(read("a: !!binary aGk=\n").errors.starts_with("f:1:4: the tag !!binary is not supported here"));
  CHECK(read("a: !mine 1\n").errors.starts_with("f:1:4: the tag !mine is not supported here"));
  CHECK(read("a: !!str [1]\n").errors.starts_with("f:1:4: the tag !!str is not supported here"));
  CHECK(read("a: !!seq 1\n").errors.starts_with("f:1:4: the tag !!seq is not supported here"));
}

class Rows : public RowSink {
 public:
  std::vector<std::string> rows;
  void row(const Node& item) override { rows.push_back(written(item)); }
};

TEST_CASE("document: a streamed list is handed over item by item and held nowhere") {
  Rows rows;
  const RowStreams streams = [&](std::span<const std::string_view> path) {
    const bool wanted = path.size() == 1 && path[0] == "list";
    return wanted ? RowStream{&rows, 7} : RowStream{};
  };
  std::string text = "list:\n- &base {a: 1, b: [x]}\n- {<<: *base, c: &c 2}\n- *base\n- *c\n";
  for (int i = 0; i < 1000; ++i) text += "- {i: " + std::to_string(i) + "}\n";
  text += "other: *base\n";
  DocumentLimits limits;
  limits.nodes = 40;
  const Read result = read(text, limits, streams);
  CHECK(result.errors.empty());
  CHECK(result.tree == "{list: [], other: {a: 1, b: [x]}}");
  REQUIRE(rows.rows.size() == 1004);
  CHECK(rows.rows[1] == "{c: 2, a: 1, b: [x]}");
  CHECK(rows.rows[2] == "{a: 1, b: [x]}");
  CHECK(rows.rows[3] == "2");
  CHECK(rows.rows[1003] == "{i: 999}");
}

}  // namespace
}  // namespace sweepd
