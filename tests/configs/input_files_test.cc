#include "configs/input_files.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.h"

using namespace sweepd;

namespace {

class Project {
 public:
  Project() {
    std::filesystem::create_directories(folder_ / "data/folder.csv");
    for (const char* name : {"data/b.csv", "data/a.csv", "data/a.txt", "[x].py"})
      std::ofstream(folder_ / name) << name;
  }
  InputFiles find(const std::vector<std::string>& texts, const InputLimits& limits = {}) {
    std::vector<Input> inputs;
    for (const std::string& text : texts) inputs.push_back({text, {}});
    return find_inputs(inputs, folder_.path(), limits);
  }
  std::vector<std::string> paths(const std::vector<std::string>& texts) {
    const InputFiles found = find(texts);
    CHECK(found.errors.empty());
    std::vector<std::string> paths;
    for (const CodeFile& file : found.files) paths.push_back(file.path);
    return paths;
  }

 private:
  TemporaryFolder folder_;
};

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("input files: a pattern finds regular files in order") {
  CHECK(Project().paths({"data/*.csv"}) == Paths{"data/a.csv", "data/b.csv"});
  CHECK(Project().paths({"**/*.txt"}) == Paths{"data/a.txt"});
  CHECK(Project().find({"data/*.csv"}).files[1].name == "data/*.csv");
}

TEST_CASE("input files: a name that looks like a pattern is a name where it is there") {
  CHECK(Project().paths({"[x].py"}) == Paths{"[x].py"});
}

TEST_CASE("input files: each input that is wrong is told, and limits hold for all together") {
  CHECK(Project().find({"none.py", "data", "*.none", "data/a.csv"}).errors.size() == 3);
  CHECK(Project().find({"data/a.csv", "data/b.csv"}, {.files = 1}).errors.size() == 1);
  CHECK(Project().find({"data/a.csv", "data/b.csv"}, {.bytes = 19}).errors.size() == 1);
  CHECK(Project().find({"data/a.csv", "data/b.csv"}, {.files = 2, .bytes = 20}).errors.empty());
}
