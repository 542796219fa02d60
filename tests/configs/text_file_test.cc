#include "configs/text_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "configs/points_file.h"
#include "tests/temporary_folder.h"

namespace sweepd {
namespace {

constexpr FileLimit small{"small files", 100'000, 50'000};
constexpr FileLimit regular_only{"small files", uint64_t{1} << 30};

std::string complaint(const std::string& path, const FileLimit& limit) {
  const auto text = read_text_file(path, limit);
  return text ? "no complaint" : text.error().message;
}

/// What is wrong with the points file `path`.
std::string points_complaint(const std::string& path) {
  const auto space = load_points_file(path, "p", {"s.yaml", 3, 9});
  return space ? "no complaint" : space.error().text();
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

/// A file of so many bytes that takes no room.
std::string sparse(const TemporaryFolder& folder, const std::string& name, int64_t bytes) {
  write(folder / name, "a,b\n");
  REQUIRE(::truncate((folder / name).c_str(), bytes) == 0);
  return folder / name;
}

}  // namespace

TEST_CASE("text file: it is read whole, and what is no file is told") {
  const TemporaryFolder folder;
  const std::string text(100'000, 'x');
  write(folder / "text", text);
  CHECK(read_text_file(folder / "text", small).value() == text);
  CHECK(complaint(folder.path(), small) == "this is a directory; name a file");
  CHECK(read_text_file(folder / "none", small).error().text() == folder / "none" + ": there is no such file");
  if (::geteuid() != 0) {
    ::chmod((folder / "text").c_str(), 0);
    CHECK(complaint(folder / "text", small) == "cannot read the file: Permission denied");
  }
}

TEST_CASE("text file: one that is too large is refused by name, before it is read where its size is known") {
  const TemporaryFolder folder;
  write(folder / "text", std::string(100'001, 'x'));
  CHECK(complaint(folder / "text", small) == "the file is larger than 0 MiB, the limit of small files");
  const std::string huge = sparse(folder, "p.csv", int64_t{64} << 30);
  CHECK(complaint(huge, sweep_file_limit) == "the file is larger than 1 GiB, the limit of sweep files");
  CHECK(points_complaint(huge) ==
        "s.yaml:3:9: cannot use 'p': the file is larger than 4 GiB, the limit of points files");
  CHECK(points_complaint(sparse(folder, "p.json", int64_t{64} << 30)).find("limit of points files in JSON") !=
        std::string::npos);
}

TEST_CASE("text file: what is no text is not read to its end") {
  const TemporaryFolder folder;
  const std::string path = sparse(folder, "p.csv", int64_t{1} << 30);
  CHECK(read_text_file(path, sweep_file_limit).value().size() < 4 << 20);
  CHECK(points_complaint(path) == "p:2:1: there is a NUL byte; is this a text file in UTF-8?");
  CHECK(points_complaint(sparse(folder, "p.ndjson", int64_t{1} << 30)).find(":2:1: there is a NUL") !=
        std::string::npos);
  CHECK(points_complaint(sparse(folder, "p.json", int64_t{1} << 30)).find(":2:1: there is a NUL") !=
        std::string::npos);
}

TEST_CASE("text file: a stream without end is read to its limit, where streams are taken") {
  const TemporaryFolder folder;
  CHECK(complaint("/dev/zero", regular_only) ==
        "this is a device; name a regular file, which can be read again");
  const std::string pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(complaint(pipe, regular_only) ==
        "this is a pipe (FIFO); name a regular file, which can be read again");  // and nobody waits for a
                                                                                 // writer
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  const int writer = ::open(pipe.c_str(), O_WRONLY | O_NONBLOCK);
  REQUIRE(::fcntl(writer, F_SETPIPE_SZ, 1 << 20) >= 60'000);
  REQUIRE(::write(writer, std::string(60'000, 'x').data(), 60'000) == 60'000);
  CHECK(complaint(pipe, small) ==
        "the file is larger than 0 MiB, the limit of small files that come from a pipe or a device");
  ::close(writer);
  ::close(reader);
}

TEST_CASE("points file: pipes, devices and directories in its place are told") {
  const TemporaryFolder folder;
  for (const char* ending : {".csv", ".ndjson", ".jsonl", ".json"}) {
    const std::string pipe = folder / (std::string("pipe") + ending),
                      zero = folder / (std::string("zero") + ending);
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    REQUIRE(::symlink("/dev/zero", zero.c_str()) == 0);
    REQUIRE(::mkdir((folder / (std::string("folder") + ending)).c_str(), 0700) == 0);
    CHECK(points_complaint(pipe).find("this is a pipe (FIFO); name a regular file") != std::string::npos);
    CHECK(points_complaint(zero).find("this is a device; name a regular file") != std::string::npos);
    CHECK(points_complaint(folder / (std::string("folder") + ending)).find("this is a directory") !=
          std::string::npos);
  }
}

}  // namespace sweepd
