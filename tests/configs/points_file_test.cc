#include "configs/points_file.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "configs/points_readers.h"
#include "runner/core/json.h"

using namespace sweepd;

namespace {

/// A folder of its own for each test, removed at its end.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sweepd-points-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  Result<SpacePtr> load(const std::string& name, std::string_view text,
                        std::string_view separator = "") const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return load_points_file((path_ / name).string(), name, {"sweep.yaml", 3, 9}, separator);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

using Lines = std::vector<std::string>;

/// The points as JSON; one line with the error where there is one.
Lines points(const std::string& name, std::string_view text, std::string_view separator = "") {
  const Result<SpacePtr> space = Folder().load(name, text, separator);
  if (!space) return {space.error().text()};
  Lines lines;
  for (uint64_t i = 0; i < (*space)->size(); ++i) append_json(lines.emplace_back(), (*space)->at(i));
  return lines;
}

/// The one error's text.
std::string error(const std::string& name, std::string_view text) {
  const Lines lines = points(name, text);
  REQUIRE(lines.size() == 1);
  return lines[0];
}
bool begins(const std::string& text, std::string_view with) { return text.substr(0, with.size()) == with; }

}  // namespace

TEST_CASE("csv: cells are typed as YAML would, and quoted ones are strings") {
  CHECK(points("p.csv", "a,b,c\n1,1.0,x\n\"1\",,\"\"\ntrue,null,~\n1e3,0123,no\n") ==
        Lines{R"({"a":1,"b":1.0,"c":"x"})", R"({"a":"1","b":null,"c":""})", R"({"a":true,"b":null,"c":null})",
              R"({"a":1000.0,"b":123,"c":"no"})"});
}

TEST_CASE("csv: quoted cells hold commas, quotes and line ends") {
  CHECK(points("p.csv", "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"\"\"\"\n\"cr\r\nlf\",z\n") ==
        Lines{R"({"a":"x,y","b":"say \"hi\""})", R"({"a":"two\nlines","b":"\""})",
              R"({"a":"cr\r\nlf","b":"z"})"});
}

TEST_CASE("csv: line ends, byte order mark, blanks and a missing last line end do not matter") {
  const Lines expected = {R"({"a":1,"b":"x y"})", R"({"a":2,"b":"z"})"};
  CHECK(points("p.csv", "a,b\n1,x y\n2,z\n") == expected);
  CHECK(points("p.csv", "a,b\r\n1,x y\r\n2,z\r\n") == expected);
  CHECK(points("p.csv",
               "\xef\xbb\xbf"
               "a,b\n1,x y\n2,z") == expected);
  CHECK(points("p.csv", "\n a , b\n\n 1\t, x y \n\r\n2,z\n\n\n") == expected);
  CHECK(points("P.CSV", "\"a\",b\n1,\"x y\"\n2,z\r") == expected);
}

TEST_CASE("csv: empty cells at the edges are nulls") {
  CHECK(points("p.csv", "a,b,c\n,,\n,1,") ==
        Lines{R"({"a":null,"b":null,"c":null})", R"({"a":null,"b":1,"c":null})"});
}

TEST_CASE("csv: errors name file, line and column") {
  CHECK(begins(error("p.csv", "a,b\n1,2\n3\n"), "p.csv:3:1: this row has 1 cell and the header 2"));
  CHECK(begins(error("p.csv", "a,b\n1,2,3\n"), "p.csv:2:1: this row has 3 cells and the header 2"));
  CHECK(begins(error("p.csv", "a,b,a\n1,2,3\n"), "p.csv:1:5: the column 'a' is there twice"));
  CHECK(begins(error("p.csv", "a,,b\n1,2,3\n"), "p.csv:1:3: a column has no name"));
  CHECK(begins(error("p.csv", "a,b,\n1,2,3\n"), "p.csv:1:5: a column has no name"));
  CHECK(begins(error("p.csv", "a\n1\n\"x\ny\n"), "p.csv:3:1: this quoted cell has no end"));
  CHECK(begins(error("p.csv", "a\n\"x\"y\n"), "p.csv:2:4: there is text after the closing quote"));
  CHECK(begins(error("p.csv", "a,b\n1,5\" pipe\n"), "p.csv:2:4: there is a quote inside an unquoted cell"));
  CHECK(begins(error("p.csv", "a,b\n\xc3\xa9\xc3\xa9,\"\n"), "p.csv:2:4: this quoted cell has no end"));
  CHECK(begins(error("p.csv", "a\nx\ry\n"), "p.csv:2:2: there is a carriage return without a line feed"));
  CHECK(
      begins(error("p.csv", "a,b\n1,9223372036854775808\n"), "p.csv:2:3: 9223372036854775808 does not fit"));
  CHECK(begins(error("p.csv", "a\n\"1\n2\"\n1e999\n"), "p.csv:4:1: 1e999 does not fit"));
  CHECK(begins(error("p.csv", "a;b\n1;2\n"), "p.csv:1:1: the header has no comma"));
}

TEST_CASE("csv: other characters between cells, by the file's name or as the sweep file says") {
  const Lines expected = {R"({"a":1,"b":"x,y"})", R"({"a":null,"b":"z"})"};
  CHECK(points("p.tsv", "a\tb\n1\tx,y\n\tz\n") == expected);
  CHECK(points("p.tsv", "a\tb\r\n1\t\"x,y\"\r\n\tz\r\n") == expected);
  CHECK(points("p.csv", "a;b\n1;x,y\n ; z\n", ";") == expected);
  CHECK(points("p.txt", "a|b\n1|x,y\n|\"z\"", "|") == expected);
  CHECK(points("p", "a b\n1 x,y\n z\n", " ") == expected);
  CHECK(points("p.dat", "a·b\n1·x,y\n·z\n", "·") == expected);
  CHECK(points("p.csv", "a,b\n1,2\n", ";") == Lines{R"({"a,b":"1,2"})"});
  CHECK(points("p.csv", "a;b\n\"1;\n2\";\n", ";") == Lines{R"({"a":"1;\n2","b":null})"});
}

TEST_CASE("csv: a separator that is another than expected is told") {
  CHECK(error("p.csv", "a;b\n1;2\n") ==
        "p.csv:1:1: the header has no comma, but ';'; say what stands between cells, with separator: \";\" "
        "beside "
        "the file");
  CHECK(begins(error("p.csv", "a\tb\n1\t2\n"), "p.csv:1:1: the header has no comma, but tab"));
  CHECK(begins(error("p.tsv", "a,b\n1,2\n"), "p.tsv:1:1: the header has no tab, but comma"));
  CHECK(begins(error("p.tsv", "a\tb\n1,2\n"),
               "p.tsv:2:1: this row has 1 cell and the header 2; give every row as "
               "many, and quote cells that hold a tab"));
}

TEST_CASE("csv: lines that begin with # are comments") {
  const Lines expected = {R"({"a":1,"b":"#x"})", R"({"a":"#2","b":"y"})"};
  CHECK(points("p.csv", "# by hand, \"5\" rows\n#\na,b\n#0,z\n1,#x\n# it's 5\" wide\n\"#2\",y\n#") ==
        expected);
  CHECK(points("p.csv", "\xef\xbb\xbf#c\r\na,b\r\n1,#x\r\n#\r\n\"#2\",y\r\n# end\r\n") == expected);
  CHECK(points("p.tsv", "# c\na\tb\n1\t#x\n\"#2\"\ty\n") == expected);
  CHECK(points("p.csv", "\"#a\"\n\"x\n# y\"\n #z\n") == Lines{R"({"#a":"x\n# y"})", R"({"#a":"#z"})"});
  CHECK(begins(error("p.csv", "#c\na,b\n#\n1\n"), "p.csv:4:1: this row has 1 cell"));
  CHECK(error("p.csv", "colour\n#ff0000\n#00ff00\n") ==
        "p.csv: there are no points; lines that begin with # are comments, so quote values that do");
}

TEST_CASE("csv: names in a comment are told by the numbers below it") {
  CHECK(begins(error("p.csv", "# x,y\n1.5,2\n3,4\n"), "p.csv:2:1: the header has a number for a name"));
  CHECK(points("p.csv", "# c\nyear,\"2020\"\n1,2\n") == Lines{R"({"year":1,"2020":2})"});
  CHECK(points("p.csv", "year,2020\n1,2\n") == Lines{R"({"year":1,"2020":2})"});
}

TEST_CASE("csv: comments do not move where pieces of a large file end") {
  std::string text = "a,b\n# one quote: \"\n";
  std::string quoted = "\"" + std::string(1000, 'x') + "\n#\n\"";
  for (int i = 0; i < 9000; ++i) text += std::to_string(i) + "," + quoted + "\n# \"\n";
  const Lines lines = points("p.csv", text);
  REQUIRE(lines.size() == 9000);
  for (size_t i = 0; i < lines.size(); ++i)
    REQUIRE(begins(lines[i], "{\"a\":" + std::to_string(i) + ",\"b\":\"x"));
}

TEST_CASE("lines of text: each is one, as it is") {
  CHECK(points("p.txt", "a b\n 1 \n\n#\"x,\t\r\nnull") == Lines{R"({"line":"a b"})", R"({"line":" 1 "})",
                                                                R"({"line":""})", R"({"line":"#\"x,\t"})",
                                                                R"({"line":"null"})"});
  CHECK(points("p.txt",
               "\xef\xbb\xbf"
               "a\rb\r\r\n") == Lines{R"({"line":"a\rb\r"})"});
  CHECK(points("p.txt", "\n") == Lines{R"({"line":""})"});
  CHECK(points("p.txt", "a\r") == Lines{R"({"line":"a\r"})"});
  CHECK(begins(error("p.txt", ""), "p.txt: there are no points"));
  CHECK(begins(error("p.txt", "a\nb\xff\n"), "p.txt:2:2: this is not valid UTF-8"));
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += std::to_string(i) + "\n";
  const Result<SpacePtr> space = Folder().load("p.txt", text);
  REQUIRE(space.has_value());
  CHECK((*space)->size() == 1'000'000);
  CHECK((*space)->at(999'999)[0].value.string() == "999999");
}

TEST_CASE("csv: NUL and invalid UTF-8 are found where they are") {
  using namespace std::string_view_literals;
  CHECK(begins(error("p.csv", "a,b\n1,x\0y\n"sv), "p.csv:2:4: there is a NUL byte"));
  CHECK(begins(error("p.csv", "a,b\n1,\xc3\xa9x\xff\n"), "p.csv:2:5: this is not valid UTF-8"));
  CHECK(begins(error("p.csv", "a,b\n1,\xe2\x82\n"), "p.csv:2:3: this is not valid UTF-8"));
  CHECK(begins(error("p.csv", "\x80"), "p.csv:1:1: this is not valid UTF-8"));
  for (size_t before = 0; before < 300; before += 7) {
    const std::string text =
        std::string(before, 'x') + "\xc3\xa9\xf0\x9f\x8e\xaf\xe2\x28" + std::string(150, 'y');
    CHECK(begins(error("p.csv", text), "p.csv:1:" + std::to_string(before + 3) + ": this is not"));
  }
}

TEST_CASE("point files: no points, no file, a directory and an unknown ending are errors") {
  CHECK(begins(error("p.csv", ""), "p.csv: the file is empty"));
  CHECK(begins(error("p.csv", "a,b\n"), "p.csv: there are no points"));
  CHECK(begins(error("p.ndjson", "\n\n"), "p.ndjson: there are no points"));
  CHECK(begins(error("p.json", "[]"), "p.json: there are no points"));
  CHECK(begins(error("p.dat", "a\n1\n"), "sweep.yaml:3:9: cannot tell the format of 'p.dat'"));
  CHECK(error("p.dat", "a").find(".csv, .ndjson, .jsonl") != std::string::npos);
  CHECK(begins(error("csv", "a\n1\n"), "sweep.yaml:3:9: cannot tell"));
  const Folder folder;
  std::filesystem::create_directory(folder.path() / "d.csv");
  const SourcePosition where = {"sweep.yaml", 3, 9};
  CHECK(begins(load_points_file((folder.path() / "d.csv").string(), "d.csv", where).error().text(),
               "sweep.yaml:3:9: cannot use 'd.csv': this is a directory"));
  CHECK(begins(load_points_file((folder.path() / "none.csv").string(), "none.csv", where).error().text(),
               "sweep.yaml:3:9: cannot use 'none.csv': there is no such file"));
}

TEST_CASE("ndjson: one object a line, types kept") {
  const Lines expected = {R"({"a":1,"b":1.0,"c":"x"})", R"({"c":null,"a":true,"b":false})",
                          R"({"a":-9223372036854775808,"b":1e-05})"};
  const std::string text =
      "{\"a\":1,\"b\":1.0,\"c\":\"x\"}\n\n  { \"c\" : null , \"a\":true,\"b\":false } \r\n"
      "{\"a\":-9223372036854775808,\"b\":1e-5}";
  CHECK(points("p.ndjson", text) == expected);
  CHECK(points("p.jsonl", "\xef\xbb\xbf" + text + "\n\n") == expected);
  CHECK(points("p.ndjson", R"({"\u00e9":"\ud83c\udfaf\"\\\/\t","e":""})") ==
        Lines{"{\"\xc3\xa9\":\"\xf0\x9f\x8e\xaf\\\"\\\\/\\t\",\"e\":\"\"}"});
  CHECK(points("p.ndjson", "{}\n{\"a\":-0,\"b\":-0.0}\n") == Lines{"{}", R"({"a":0,"b":-0.0})"});
}

TEST_CASE("ndjson: floats with many digits are read to the nearest double") {
  const Lines expected = {R"({"a":3.141592653589793,"b":0.1,"c":5.111111111111111e+35})"};
  CHECK(points("p.ndjson",
               "{\"a\":3.14159265358979323846,\"b\":0.1000000000000000055511151231257827,"
               "\"c\": 511111111111111111111111111111111111.0 }") == expected);
  CHECK(points("p.json",
               "[{\"a\":31415926535897932384.6e-19,\"b\":0.10000000000000000000000,"
               "\"c\":5111111111111111111111111111111111110e-1}]") == expected);
}

TEST_CASE("ndjson: errors name the line") {
  const auto at_line_2 = [](std::string_view line) {
    return error("p.ndjson", "{\"a\":1}\n" + std::string(line));
  };
  CHECK(begins(at_line_2("[1]"), "p.ndjson:2:1: this is not an object"));
  CHECK(begins(at_line_2("5"), "p.ndjson:2:1: this is not an object"));
  CHECK(begins(at_line_2("{\"a\":[1, 01]}"), "p.ndjson:2:10: this is not a number"));
  CHECK(begins(at_line_2("{\"a\":{\"b\":1,\"b\":2}}"), "p.ndjson:2:6: the name 'b' stands twice"));
  CHECK(begins(at_line_2("{\"a\":" + std::string(70, '[') + std::string(70, ']') + "}"),
               "p.ndjson:2:70: lists and objects are nested more than 64 deep"));
  CHECK(begins(at_line_2("{\"a\":9223372036854775808}"),
               "p.ndjson:2:6: the number does not fit a 64-bit integer"));
  CHECK(begins(at_line_2("{\"a\":-99999999999999999999999}"), "p.ndjson:2:6: the number does not fit"));
  CHECK(begins(at_line_2("{\"a\":1e999}"), "p.ndjson:2:6: this is not a number"));
  CHECK(begins(at_line_2("{\"a\":1e-999}"), "p.ndjson:2:6: this is not a number"));
  CHECK(begins(at_line_2("{\"a\":1.5e}"), "p.ndjson:2:6: this is not a number"));
  CHECK(begins(at_line_2("{\"a\":-}"), "p.ndjson:2:6: this is not a number"));
  CHECK(begins(at_line_2("{\"a\":01}"), "p.ndjson:2:6: this is not a number"));
  CHECK(begins(at_line_2("{\"a\":1,\"a\":2}"), "p.ndjson:2: the parameter 'a' is given twice"));
  CHECK(begins(at_line_2("{\"\":1}"), "p.ndjson:2: a parameter has no name"));
  CHECK(begins(at_line_2("{\"a\":\"\\u0000\"}"), "p.ndjson:2:6: a string holds a NUL"));
  CHECK(begins(at_line_2("{\"a\":1} {\"a\":2}"), "p.ndjson:2:9: there is text after the end"));
  CHECK(begins(at_line_2("{\"a\":\"x"), "p.ndjson:2:"));
  for (const char* bad : {"{\"a\":1",
                          "{\"a\" 1}",
                          "{\"a\":1,}",
                          "{\"a\":tru}",
                          "{\"a\":nul}",
                          "{\"a\":}",
                          "{a:1}",
                          "{\"a\":'x'}",
                          "{\"a\":1 2}",
                          "{\"a\":1.}",
                          "{\"a\":.5}",
                          "{\"a\":NaN}",
                          "{\"a\":\"\\x\"}",
                          "{\"a\":\"\t\"}",
                          "{",
                          "}",
                          "{\"a\":1}}",
                          "{\"a\":\"\\ud800\"}",
                          "{\"a\":1x}",
                          "{\"a\":truee}",
                          "{\"a\":\"\xff\"}",
                          "{,}",
                          "{\"a\":+1}",
                          "{\"a\":nullx}",
                          "\"a\":1"})
    CHECK_MESSAGE(begins(at_line_2(bad), "p.ndjson:2:"), bad);
}

TEST_CASE("json: a list of objects, with the lines of its points") {
  const Result<SpacePtr> space =
      Folder().load("p.json", "[\n {\"a\": 1, \"b\": \"x\"},\n\n {\"a\": 2.0}, {\"a\": 3}\n]\n");
  REQUIRE(space);
  CHECK((*space)->size() == 3);
  std::vector<uint32_t> lines;
  (*space)->visit("a", [&](const Value&, const SourcePosition& where) {
    lines.push_back(where.line);
    return where.file == "p.json";
  });
  CHECK(lines == std::vector<uint32_t>{2, 4, 4});
}

TEST_CASE("json: errors name line and column") {
  CHECK(begins(error("p.json", "{\"a\":1}"), "p.json:1:1: this is not a list of objects"));
  CHECK(begins(error("p.json", "[\n{\"a\":1},\n2]"), "p.json:3:1: this is not an object"));
  CHECK(begins(error("p.json", "[\n{\"a\":1},\n{\"b\":[18446744073709551616]}]"),
               "p.json:3:7: the number does not fit a 64-bit integer"));
  CHECK(begins(error("p.json", "[{\"a\":1}] [5]"), "p.json:1:11: there is text after the end"));
  CHECK(begins(error("p.json", "[{\"a\":1}] 5"), "p.json: the text does not end with the end of its list"));
  for (const char* bad : {"", " ", "[", "[{\"a\":1}", "[{\"a\":1},]", "[{\"a\":1} {\"a\":2}]", "[,]", "]",
                          "[{\"a\":1]", "nope", "\"x\"", "[{\"a\":1}]]", "[{\"a\":\"\xff\"}]", "[{\"a\":1}}"})
    CHECK_MESSAGE(begins(error("p.json", bad), "p.json:"), bad);
  CHECK(begins(error("p.json", std::string(100000, '[')), "p.json:"));
  CHECK(begins(error("p.json", "[" + std::string(100000, '{')), "p.json:"));
}

TEST_CASE("point files: CSV, NDJSON and JSON of the same points give the same points") {
  std::mt19937 random(3);
  std::string csv = "n,x,word\n", ndjson, json = "[";
  Lines expected;
  for (int row = 0; row < 2000; ++row) {
    std::string word, quoted, written;
    for (uint32_t i = 0; i < random() % 12; ++i) word += ",\"\n\r\tab {}'\\\xc3\xa9"[random() % 12];
    if (!word.empty() && word.back() == '\xc3') word += '\xa9';
    for (const char c : word) quoted += c == '"' ? "\"\"" : std::string(1, c);
    const Point point = {{"n", Value::of(static_cast<int64_t>(random()) - 2000000000)},
                         {"x", Value::of(static_cast<double>(random()) / 1024)},
                         {"word", Value::of(std::string_view(word))}};
    append_json(written, point);
    std::string number, fraction;
    append_json(number, point[0].value);
    append_json(fraction, point[1].value);
    csv += number + "," + fraction + ",\"" + quoted + "\"\n";
    ndjson += written + "\n";
    json += (row == 0 ? "" : ",") + written;
    expected.push_back(written);
  }
  CHECK(points("p.csv", csv) == expected);
  CHECK(points("p.ndjson", ndjson) == expected);
  CHECK(points("p.json", json + "]") == expected);
}

TEST_CASE("points file: one of many pieces means what it does as a whole, whatever its cells hold") {
  // Pieces are cut every 4 MiB: rows, quoted line ends and quotes lie across every one of them.
  std::string csv = "\xef\xbb\xbf\"a b\",c\r\n", ndjson;
  std::mt19937 random(7);
  const std::string pieces[] = {"x", "\n", "\"\"", ",", "\xc3\xa9", "  ", "\r\n", std::string(997, 'y')};
  while (csv.size() < 21'000'000) {
    std::string cell, text;
    for (uint64_t i = random() % 12; i-- > 0;) {
      const std::string& piece = pieces[random() % std::size(pieces)];
      cell += piece;
      text += piece == "\"\"" ? "\"" : piece;
    }
    csv += '"' + cell + "\"," + std::to_string(random() % 1000) + '\n';
    ndjson += nlohmann::json{{"a b", text}, {"c", 0}}.dump() + '\n';
  }
  const Folder folder;
  const auto in_pieces = folder.load("p.csv", csv);
  REQUIRE_MESSAGE(in_pieces.has_value(), in_pieces.error().text());
  std::string whole = csv.substr(3);
  TableBuilder rows("p.csv");
  REQUIRE(read_csv(whole, "p.csv", rows));
  CHECK((*in_pieces)->fingerprint() == (*rows.finish({}))->fingerprint());
  const auto lines = folder.load("p.ndjson", ndjson);
  REQUIRE(lines);
  REQUIRE((*lines)->size() == (*in_pieces)->size());
  for (const uint64_t index : {uint64_t{0}, (*lines)->size() / 2, (*lines)->size() - 1})
    CHECK((*lines)->at(index)[0].value == (*in_pieces)->at(index)[0].value);
}

TEST_CASE("points file: what is wrong in a later piece is told with its line in the file") {
  std::string csv = "a,b\n", ndjson;
  for (int i = 0; i < 1'000'000; ++i) {
    csv += "100000,2\n";
    ndjson += "{\"a\":1}\n";
  }
  CHECK(begins(error("p.csv", csv + "1,2,3\n"), "p.csv:1000002:1: this row has 3 cells"));
  CHECK(begins(error("p.csv", csv + "1,\xff\n"), "p.csv:1000002:3: this is not valid UTF-8"));
  CHECK(begins(error("p.ndjson", ndjson + "{\"a\":x}\n"), "p.ndjson:1000001:6: "));
}
