#include "runner/platform/trusted_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "runner/platform/atomic_file.h"
#include "tests/temporary_folder.h"

namespace sweepd {
namespace {

namespace fs = std::filesystem;

constexpr uid_t stranger = 54321;

std::string why_not(const std::string& path) {
  const auto file = open_trusted(path);
  return file ? "" : file.error().text();
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Only root may give files away.
bool give_away(const std::string& path) { return chown(path.c_str(), stranger, stranger) == 0; }

void make_socket(const std::string& path) {
  const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  REQUIRE(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

TEST_CASE("trusted file: a regular file is read, up to the limit") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "a", folder.path(), "text"));
  CHECK(read_file(folder / "a", 4).value() == "text");
  CHECK(says(read_file(folder / "a", 3).error().text(), "is larger than the 3 bytes"));
}

TEST_CASE("trusted file: nothing is waited for, and what is no file is named for what it is") {
  const TemporaryFolder folder;
  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  make_socket(folder / "socket");
  fs::create_directory(folder / "folder");
  CHECK(says(why_not(folder / "fifo"), "is a FIFO"));
  CHECK(says(why_not(folder / "socket"), "is a socket"));
  CHECK(says(why_not(folder / "folder"), "is a folder"));
  CHECK(says(why_not("/dev/zero"), "is a device"));
  CHECK(unfit(folder / "fifo"));
  CHECK(says(open_trusted_folder(folder / "fifo").error().text(), "is a FIFO, and no folder"));
}

TEST_CASE("trusted file: no link is followed, not even a dangling one") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "target", folder.path(), "text"));
  fs::create_symlink("target", folder / "link");
  fs::create_symlink("nowhere", folder / "dangling");
  fs::create_directory_symlink(folder.path(), folder / "folder");
  for (const char* name : {"link", "dangling", "folder"}) {
    CHECK(says(why_not(folder / name), "is a symbolic link"));
    CHECK(unfit(folder / name));
    CHECK(is_there(folder / name).value());
  }
  CHECK(says(open_trusted_folder(folder / "folder").error().text(), "is a symbolic link"));
}

TEST_CASE(
    "trusted file: another user's is refused by name, but where the folder is that user's or a group's") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "a", folder.path(), "forged"));
  if (!give_away(folder / "a")) return;
  CHECK(says(why_not(folder / "a"), "belongs to user 54321"));
  CHECK(unfit(folder / "a"));
  chmod(folder.path().c_str(), 0770);
  CHECK(why_not(folder / "a").empty());
  CHECK_FALSE(unfit(folder / "a"));
  chmod(folder.path().c_str(), 0777);
  CHECK(says(why_not(folder / "a"), "belongs to user 54321"));
  chmod(folder.path().c_str(), 0700);
  REQUIRE(give_away(folder.path()));
  CHECK(why_not(folder / "a").empty());
}

TEST_CASE("trusted file: in an open folder the reason is errno") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "a", folder.path(), "text"));
  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  fs::create_symlink("a", folder / "link");
  fs::create_directory(folder / "folder");
  const auto at = open_trusted_folder(folder.path());
  REQUIRE(at);
  const auto error = [&at](const char* name) { return open_trusted_at(at->get(), name) ? 0 : errno; };
  CHECK(error("a") == 0);
  CHECK(error("none") == ENOENT);
  CHECK(error("link") == ELOOP);
  CHECK(error("folder") == EISDIR);
  CHECK(error("fifo") == ENXIO);
  CHECK(error(std::string(300, 'n').c_str()) == ENAMETOOLONG);
  if (give_away(folder / "a")) CHECK(error("a") == EPERM);
  CHECK(says(not_opened(folder / "fifo", ENXIO).text(), "is a FIFO"));
}

TEST_CASE("trusted file: only what is not there is said not to be there") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "a", folder.path(), "text"));
  CHECK(is_there(folder / "a").value());
  CHECK_FALSE(is_there(folder / "b").value());
  CHECK(says(is_there(folder / "a/b").error().text(), "Not a directory"));
  CHECK(says(is_there(folder / std::string(300, 'n')).error().text(), "File name too long"));
  fs::create_symlink("loop", folder / "loop");
  CHECK(says(is_there(folder / "loop/a").error().text(), "Too many levels"));
}

}  // namespace
}  // namespace sweepd
