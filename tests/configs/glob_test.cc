#include "configs/glob.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "configs/name_pattern.h"
#include "tests/temporary_folder.h"

using namespace sweepd;

namespace {

using Paths = std::vector<std::string>;

/// A folder with these files, and what is found there.
class Files {
 public:
  explicit Files(const Paths& files) {
    for (const std::string& file : files) add(file);
  }
  void add(const std::string& file) const {
    const std::filesystem::path path = root() / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "x";
  }
  std::filesystem::path root() const { return folder_.path(); }
  Paths find(const std::string& pattern, const GlobLimits& limits = {}) const {
    const auto paths = find_paths(root().string(), pattern, limits);
    return paths ? *paths : Paths{paths.error().message};
  }

 private:
  TemporaryFolder folder_;
};

TEST_CASE("name patterns: stars, question marks, sets and backslashes") {
  const auto matching = [](std::string_view pattern, const Paths& names) {
    Paths found;
    for (const std::string& name : names)
      if (matches_name(pattern, name)) found.push_back(name);
    return found;
  };
  CHECK(matching("*.csv", {"a.csv", ".csv", "a.csv.bak", "a.b.csv"}) == Paths{"a.csv", "a.b.csv"});
  CHECK(matching(".*", {".a", "a"}) == Paths{".a"});
  CHECK(matching("?", {"a", "é", "🧪", "ab", ""}) == Paths{"a", "é", "🧪"});
  CHECK(matching("[a-c]", {"a", "c", "d", "-", "ab"}) == Paths{"a", "c"});
  CHECK(matching("[!a-c]", {"a", "d", "é"}) == Paths{"d", "é"});
  CHECK(matching("[^a]", {"a", "d"}) == Paths{"d"});
  CHECK(matching("[à-ü]x", {"éx", "ax"}) == Paths{"éx"});
  CHECK(matching("[]a-]", {"]", "a", "-", "b"}) == Paths{"]", "a", "-"});
  CHECK(matching("[a", {"[a", "a"}) == Paths{"[a"});
  CHECK(matching("a\\*\\[b\\\\", {"a*[b\\", "ax[b\\"}) == Paths{"a*[b\\"});
  CHECK(matching("*a*b*", {"ab", "xaybz", "ba", "aab"}) == Paths{"ab", "xaybz", "aab"});
  CHECK(matching("*?", {"a", "ab", ""}) == Paths{"a", "ab"});
  CHECK(matching("?\xff*", {"a\xffz", "a\xfe"}) == Paths{"a\xffz"});
  CHECK_FALSE(matches_name("*a*a*a*a*a*a*a*a*a*a*b", std::string(255, 'a')));
}

TEST_CASE("globs: paths are written as the pattern is, in order of their bytes") {
  const Files files(
      {"data/b.csv", "data/a.csv", "data/B.csv", "data/10.csv", "data/9.csv", "data/.h.csv", "data/c.txt"});
  const Paths expected = {"data/10.csv", "data/9.csv", "data/B.csv", "data/a.csv", "data/b.csv"};
  CHECK(files.find("data/*.csv") == expected);
  CHECK(files.find("d*//*.csv") == expected);
  CHECK(files.find("./data/[ab].csv") == Paths{"./data/a.csv", "./data/b.csv"});
  CHECK(files.find("data/../data/?.txt") == Paths{"data/../data/c.txt"});
  CHECK(files.find("data/c.txt") == Paths{"data/c.txt"});
  const std::string root = files.root().string();
  CHECK(files.find(root + "/data/a*") == Paths{root + "/data/a.csv"});
  for (const char* none : {"data/*.dat", "none/*", "data/c.txt/*", "", "/", "data/d.txt", "*.csv/x"})
    CHECK(files.find(none).empty());
}

TEST_CASE("globs: folders, links and any depth") {
  const Files files({"a/x", "a/b/x", "a/b/c/x", "a/.h/x", "d/y"});
  std::filesystem::create_directory_symlink(files.root() / "a", files.root() / "link");
  std::filesystem::create_directory_symlink(files.root(), files.root() / "a/round");
  std::filesystem::create_symlink("nowhere", files.root() / "d/dangling");
  CHECK(files.find("*") == Paths{"a", "d", "link"});
  CHECK(files.find("*/") == Paths{"a/", "d/", "link/"});
  CHECK(files.find("d/*") == Paths{"d/dangling", "d/y"});
  CHECK(files.find("*/x") == Paths{"a/x", "link/x"});
  CHECK(files.find("**/x") == Paths{"a/b/c/x", "a/b/x", "a/x"});
  CHECK(files.find("a/**/x") == Paths{"a/b/c/x", "a/b/x", "a/x"});
  CHECK(files.find("**/b/**/x") == Paths{"a/b/c/x", "a/b/x"});
  CHECK(files.find("**/**/c/*") == Paths{"a/b/c/x"});
  CHECK(files.find("d/**") == Paths{"d/dangling", "d/y"});
  CHECK(files.find("a/.h/*") == Paths{"a/.h/x"});
}

TEST_CASE("globs: patterns pass over sweep directories") {
  const Files files(
      {"s.yaml", "s.sweep/manifest.json", "s.sweep/sweep.yaml", "s.sweep/chunks/x.json", "t/manifest.json"});
  CHECK(files.find("*") == Paths{"s.yaml", "t"});
  CHECK(files.find("**/*.json") == Paths{"t/manifest.json"});
  CHECK(files.find("*/*.json") == Paths{"t/manifest.json"});
  CHECK(files.find("s.sweep/*.json") == Paths{"s.sweep/manifest.json"});
}

TEST_CASE("globs: a folder that cannot be looked at is an error, since paths would be missing") {
  const Files files({"a/b/x"});
  const std::string name(300, 'x');
  CHECK(files.find("*/" + name) == Paths{"cannot look at 'a/" + name + "': File name too long"});
  CHECK(files.find("*/" + name + "/*") == Paths{"cannot look at 'a/" + name + "/': File name too long"});
  std::filesystem::create_symlink("loop", files.root() / "loop");
  CHECK(files.find("*/*/x") == Paths{"a/b/x"});
}

TEST_CASE("globs: what would take too long or too much is refused") {
  const Files files({"a/1", "a/2", "a/3", "b/c/d/e"});
  CHECK(files.find("a/*", {.paths = 2}) == Paths{"there are more than 2 paths"});
  CHECK(files.find("a/*", {.paths = 3}).size() == 3);
  CHECK(files.find("**/e", {.names = 6}) == Paths{"there are more than 6 names to look at"});
  CHECK(files.find("**/e", {.depth = 2}) == Paths{"there are folders more than 2 deep"});
  CHECK(files.find("**/e", {.depth = 3}) == Paths{"b/c/d/e"});
  CHECK(files.find(std::string(4096, '*')) == Paths{"the pattern is longer than 4096 bytes"});
}

}  // namespace
