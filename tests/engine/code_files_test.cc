#include "runner/engine/code_files.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.h"

using namespace sweepd;

namespace {

class Files {
 public:
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::trunc) << text;
  }
  CodeFile hashed(const std::string& path, const std::vector<Code>& known = {}) {
    std::vector<CodeFile> files = {{.name = path, .path = path, .hash = {}}};
    hash_files(files, folder_.path(), known);
    return files.front();
  }
  /// What is known of a file that was old enough, with a hash that tells that it was taken from there.
  std::vector<Code> known(const std::string& path) {
    struct stat status {};
    REQUIRE(stat((folder_ / path).c_str(), &status) == 0);
    const uint64_t changed_ns = static_cast<uint64_t>(status.st_ctim.tv_sec) * 1'000'000'000 +
                                static_cast<uint64_t>(status.st_ctim.tv_nsec);
    return {
        {{{path, path, static_cast<uint64_t>(status.st_size), status.st_ino, changed_ns, "from before"}}}};
  }
  const std::string& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("code files: the hash is XXH3-128 of the bytes") {
  Files files;
  files.write("empty", "");
  CHECK(files.hashed("empty").hash == "99aa06d3014798d86001c324468d497f");
  files.write("a", std::string(1'000'000, 'a'));
  files.write("b", std::string(999'999, 'a') + 'b');
  CHECK(files.hashed("a").bytes == 1'000'000);
  CHECK(files.hashed("a").hash != files.hashed("b").hash);
}

TEST_CASE("code files: one of the same size and time is not read again, also by its absolute path") {
  Files files;
  files.write("a", "text");
  CHECK(files.hashed("a", files.known("a")).hash == "from before");
  auto absolute = files.known("a");
  absolute[0].files[0].path = files.path() + "/a";
  CHECK(files.hashed(files.path() + "/a", absolute).hash == "from before");
}

TEST_CASE("code files: one that was changed within the grain of file times is read the next time") {
  Files files;
  files.write("a", "text");
  CHECK(files.hashed("a").changed_ns == 0);
  auto known = files.known("a");
  known[0].files[0].changed_ns = 0;
  CHECK(files.hashed("a", known).hash != "from before");
}

TEST_CASE("code files: a time that was set back does not hide a change") {
  Files files;
  files.write("a", "one");
  const auto known = files.known("a");
  const auto time = std::filesystem::last_write_time(files.path() + "/a");
  files.write("a", "two");
  std::filesystem::last_write_time(files.path() + "/a", time);
  CHECK(files.hashed("a", known).hash != "from before");
}

TEST_CASE("code files: one too large to be read has a hash of its size and time") {
  Files files;
  files.write("a", "");
  std::filesystem::resize_file(files.path() + "/a", most_hashed_bytes + 1);
  const CodeFile before = files.hashed("a");
  CHECK(files.hashed("a").hash == before.hash);
  std::filesystem::resize_file(files.path() + "/a", most_hashed_bytes + 2);
  CHECK(files.hashed("a").hash != before.hash);
}
