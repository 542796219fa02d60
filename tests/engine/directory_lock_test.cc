#include "runner/engine/directory_lock.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runner/platform/process_identity.h"
#include "tests/temporary_folder.h"

using namespace sweepd;

namespace {

void write_lock(const TemporaryFolder& folder, const nlohmann::json& holder) {
  std::ofstream(folder / "lock") << holder.dump();
}

nlohmann::json holder(const std::string& host, pid_t pid, uint64_t ticks,
                      const std::string& space = pid_space()) {
  return {{"host", host},         {"pid_space", space}, {"pid", pid},
          {"start_ticks", ticks}, {"slurm_job", "77"},  {"since", "2026-11-22T15:56:14Z"}};
}

}  // namespace

TEST_CASE("lock: a second run is refused and told who holds the folder, until the first gives it up") {
  const TemporaryFolder folder;
  {
    const auto first = DirectoryLock::take(folder.path());
    REQUIRE(first);
    const auto second = DirectoryLock::take(folder.path());
    REQUIRE_FALSE(second);
    CHECK(second.error().message.find("process " + std::to_string(getpid())) != std::string::npos);
    CHECK(second.error().message.find(host_name()) != std::string::npos);
  }
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK(DirectoryLock::take(folder.path()));
}

TEST_CASE("lock: a holder on this host that is dead is taken over from") {
  const TemporaryFolder folder;
  const pid_t child = fork();
  if (child == 0) _exit(0);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  write_lock(folder, holder(host_name(), child, 12345));
  const auto lock = DirectoryLock::take(folder.path());
  REQUIRE(lock);
  CHECK(nlohmann::json::parse(std::ifstream(folder / "lock"))["pid"] == getpid());
}

TEST_CASE("lock: another process with the dead holder's number is not taken for it") {
  const TemporaryFolder folder;
  write_lock(folder, holder(host_name(), getpid(), *start_ticks(getpid()) + 1));
  CHECK(DirectoryLock::take(folder.path()));
}

TEST_CASE("lock: a holder on another host counts as dead after a minute of silence") {
  const TemporaryFolder folder;
  std::string host;
  SUBCASE("on another host") {
    host = "elsewhere";
    write_lock(folder, holder(host, 1, 1));
  }
  SUBCASE("in a container of the same name, or on a machine that was started anew") {
    host = host_name();
    write_lock(folder, holder(host, 1, 1, "another space"));
  }
  const auto refused = DirectoryLock::take(folder.path());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find(host + ", Slurm job 77") != std::string::npos);
  const timespec long_ago[2] = {{time(nullptr) - 100, 0}, {time(nullptr) - 100, 0}};
  REQUIRE(utimensat(AT_FDCWD, (folder / "lock").c_str(), long_ago, 0) == 0);
  CHECK(DirectoryLock::take(folder.path()));
}

TEST_CASE("lock: what is no lock file's text counts as dead after a minute, since it may be on the way") {
  const TemporaryFolder folder;
  std::ofstream(folder / "lock") << "torn";
  CHECK_FALSE(DirectoryLock::take(folder.path()));
  const timespec long_ago[2] = {{time(nullptr) - 100, 0}, {time(nullptr) - 100, 0}};
  REQUIRE(utimensat(AT_FDCWD, (folder / "lock").c_str(), long_ago, 0) == 0);
  CHECK(DirectoryLock::take(folder.path()));
}

TEST_CASE("lock: it is given up also where the folder was renamed") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "a");
  {
    const auto lock = DirectoryLock::take(folder / "a");
    REQUIRE(lock);
    std::filesystem::rename(folder / "a", folder / "b");
  }
  CHECK(std::filesystem::is_empty(folder / "b"));
}

TEST_CASE("lock: a holder that was taken over from is told so, and leaves the other's lock alone") {
  const TemporaryFolder folder;
  {
    auto first = DirectoryLock::take(folder.path());
    REQUIRE(first);
    CHECK(first->renew());
    write_lock(folder, holder("elsewhere", 1, 1));  // as if this process had been silent
    std::filesystem::rename(folder / "lock", folder / "aside");
    std::filesystem::copy_file(folder / "aside", folder / "lock");
    CHECK_FALSE(first->renew());
  }
  CHECK(std::filesystem::exists(folder / "lock"));
}
