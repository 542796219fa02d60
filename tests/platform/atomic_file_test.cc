#include "runner/platform/atomic_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "runner/platform/trusted_file.h"
#include "tests/temporary_folder.h"

namespace sweepd {
namespace {

namespace fs = std::filesystem;

size_t entries(const TemporaryFolder& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder.path()), {}));
}

TEST_CASE("atomic file: nothing has its name until it is committed, then all of it has") {
  const TemporaryFolder folder;
  Result<AtomicFile> file = AtomicFile::create(folder / "a.json", folder.path());
  REQUIRE(file);
  file->append("one ");
  file->append("two");
  REQUIRE(file->flush());
  CHECK_FALSE(fs::exists(folder / "a.json"));
  REQUIRE(file->commit());
  CHECK(read_file(folder / "a.json").value() == "one two");
  CHECK(entries(folder) == 1);
}

TEST_CASE("atomic file: an uncommitted file goes without a trace and leaves the old one alone") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "a", folder.path(), "old"));
  {
    Result<AtomicFile> file = AtomicFile::create(folder / "a", folder.path());
    REQUIRE(file);
    file->append("new");
    REQUIRE(file->flush());
    CHECK(entries(folder) == 2);
    AtomicFile moved = std::move(*file);
    moved.append("er");
  }
  CHECK(entries(folder) == 1);
  CHECK(read_file(folder / "a").value() == "old");
}

TEST_CASE("atomic file: the new file replaces the old one, a symbolic link itself and not what it names") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "target", folder.path(), "untouched"));
  fs::create_symlink("target", folder / "a");
  REQUIRE(write_file(folder / "a", folder.path(), "new", Durability::unsynced));
  CHECK(read_file(folder / "a").value() == "new");
  CHECK(read_file(folder / "target").value() == "untouched");
}

TEST_CASE("atomic file: the mode respects the umask") {
  const TemporaryFolder folder;
  const mode_t before = ::umask(0027);
  const Result<void> written = write_file(folder / "a", folder.path(), "x");
  ::umask(before);
  REQUIRE(written);
  CHECK((fs::status(folder / "a").permissions() & fs::perms::all) == static_cast<fs::perms>(0640));
}

TEST_CASE("atomic file: pieces of all sizes arrive in order, and a patch changes only its bytes") {
  const TemporaryFolder folder;
  Result<AtomicFile> file = AtomicFile::create(folder / "a", folder.path());
  REQUIRE(file);
  std::string expected;
  for (size_t i = 0; i < 60; ++i) {
    const std::string piece(i * i * i, static_cast<char>('a' + i % 26));
    file->append(piece);
    expected += piece;
  }
  const std::string large(3'000'000, '#');
  file->append(large);
  file->append("end");
  expected += large + "end";
  expected.replace(5, 7, "PATCHED");
  CHECK(file->size() == expected.size());
  REQUIRE(file->patch(5, "PATCHED"));
  REQUIRE(file->commit());
  CHECK(read_file(folder / "a").value() == expected);
}

TEST_CASE("atomic file: errors name the path and the reason") {
  const TemporaryFolder folder;
  const Result<AtomicFile> file = AtomicFile::create(folder / "none/a", folder / "none");
  REQUIRE_FALSE(file);
  CHECK(file.error().text().find("none/a") != std::string::npos);
  CHECK(file.error().text().find("No such file or directory") != std::string::npos);

  fs::create_directory(folder / "taken");
  const Result<void> written = write_file(folder / "taken", folder.path(), "x");
  REQUIRE_FALSE(written);
  CHECK(written.error().text().find("Is a directory") != std::string::npos);
  CHECK(entries(folder) == 1);
}

TEST_CASE("atomic file: a write that fails is remembered, reported by commit, and nothing appears") {
  const TemporaryFolder folder;
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{1 << 20, before.rlim_max};
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  Result<AtomicFile> file = AtomicFile::create(folder / "a", folder.path());
  if (file) {
    file->append(std::string(3 << 20, 'x'));
    file->append("more");
  }
  const Result<void> committed = file ? file->commit() : Result<void>{};
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, previous);
  REQUIRE(file);
  REQUIRE_FALSE(committed);
  CHECK(committed.error().text().find("File too large") != std::string::npos);
  CHECK_FALSE(fs::exists(folder / "a"));
}

TEST_CASE("atomic file: what a crash leaves behind is known by its name") {
  const TemporaryFolder folder;
  Result<AtomicFile> file = AtomicFile::create(folder / "results.json", folder.path());
  REQUIRE(file);
  const std::string name = fs::path(file->temporary_path()).filename().string();
  CHECK(name.starts_with("results.json."));
  CHECK(is_temporary_file_name(name));
  CHECK_FALSE(is_temporary_file_name("results.json"));
  CHECK_FALSE(is_temporary_file_name("notes.tmp"));
  CHECK_FALSE(is_temporary_file_name(".0123456789abcdef.tmp"));
  CHECK_FALSE(is_temporary_file_name("a.0123456789ABCDEF.tmp"));
}

TEST_CASE("read file: whole files, empty files, files that do not tell their size, and a limit") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "empty", folder.path(), ""));
  CHECK(read_file(folder / "empty").value().empty());
  CHECK_FALSE(read_file("/proc/self/status").value().empty());
  const std::string text(100'000, 'y');
  REQUIRE(write_file(folder / "a", folder.path(), text));
  CHECK(read_file(folder / "a", text.size()).value() == text);
  CHECK_FALSE(read_file(folder / "a", text.size() - 1));
  CHECK(read_file(folder / "none").error().text().find("No such file") != std::string::npos);
  CHECK(read_file(folder.path()).error().text().find("is a folder") != std::string::npos);
}

}  // namespace
}  // namespace sweepd
