#include "runner/core/code.h"

#include <doctest/doctest.h>

using namespace sweepd;

namespace {

using Files = std::vector<CodeFile>;
using Paths = std::vector<std::string>;

CodeFile file(std::string name, std::string path, std::string hash) {
  return {.name = std::move(name), .path = std::move(path), .hash = std::move(hash)};
}

const Files before = {file("python3", "/usr/bin/python3", "p"), file("model.py", "model.py", "m"),
                      file("*.csv", "a.csv", "a"), file("*.csv", "b.csv", "b")};

Files with(size_t place, std::string hash) {
  Files files = before;
  files[place].hash = std::move(hash);
  return files;
}

}  // namespace

TEST_CASE("code: a file with other bytes has changed") {
  CHECK(changed_files(before, before).empty());
  CHECK(changed_files(before, with(1, "n")) == Paths{"model.py"});
  CHECK(changed_files(before, with(3, "c")) == Paths{"b.csv"});
}

TEST_CASE("code: what a pattern finds more or less has changed") {
  Files more = before;
  more.push_back(file("*.csv", "c.csv", "c"));
  CHECK(changed_files(before, more) == Paths{"c.csv"});
  CHECK(changed_files(more, before) == Paths{"c.csv"});
}

TEST_CASE("code: the same bytes at another place have not changed") {
  Files moved = before;
  moved[0].path = "/home/me/venv/bin/python3";
  CHECK(changed_files(before, moved).empty());
}

TEST_CASE("code: an input that is declared later, or no more, makes nothing earlier") {
  Files declared = before;
  declared.push_back(file("table.txt", "table.txt", "t"));
  CHECK(changed_files(before, declared).empty());
  CHECK(changed_files(declared, before).empty());
}

TEST_CASE("code: what is declared later counts from then on, also for the code before") {
  std::vector<Code> codes;
  number_of(before, codes);
  Files declared = before;
  declared.push_back(file("table.txt", "table.txt", "t"));
  CHECK(number_of(declared, codes) == 1);
  declared.back().hash = "u";
  CHECK(number_of(declared, codes) == 2);
  CHECK(earlier_code(codes, declared).has(1));
}

TEST_CASE("code: a file that a pattern finds under another name has changed") {
  Files renamed = before;
  renamed[3].path = "z.csv";
  CHECK(changed_files(before, renamed) == Paths{"z.csv", "b.csv"});
}

TEST_CASE("code: numbers begin with 1, and what comes back has its number again") {
  std::vector<Code> codes;
  CHECK(number_of(before, codes) == 1);
  CHECK(number_of(with(1, "n"), codes) == 2);
  CHECK(number_of(before, codes) == 1);
  CHECK(codes.size() == 2);
}

TEST_CASE("code: points of every earlier code count, and each changed file is named once") {
  std::vector<Code> codes = {{before, 5}, {with(2, "x"), 7}, {with(1, "n"), 100}, {with(3, "y"), 0}};
  const EarlierCode earlier = earlier_code(codes, with(1, "n"));
  CHECK(earlier.points == 12);
  CHECK(earlier.files == Paths{"model.py", "a.csv"});
  CHECK(earlier.numbers == std::vector{false, true, true, false, true});
  CHECK(earlier.has(2));
  CHECK_FALSE(earlier.has(0));
  CHECK_FALSE(earlier.has(99));
}

TEST_CASE("code: the files of the oldest codes are forgotten, and these stay earlier") {
  std::vector<Code> codes;
  number_of(before, codes, 2000);
  number_of(with(1, "n"), codes, 2000);
  CHECK(codes[0].files.size() == 4);
  number_of(with(1, "o"), codes, 2000);
  CHECK(codes[0].files.empty());
  CHECK(codes[1].files.size() == 4);
  CHECK(earlier_code(codes, with(1, "o")).has(1));
}
