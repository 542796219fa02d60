#include "runner/engine/directory_lock.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/core/record.h"
#include "runner/engine/takeover.h"
#include "tests/engine/entered.h"

using namespace sweepd;
using test::entered, test::plant_run, test::set_age;
namespace fs = std::filesystem;

namespace {

const std::string other = "00000000000000ff";

/// As if that run had taken the lock.
void plant_lock(const TemporaryFolder& folder, const std::string& token) {
  std::ofstream(folder / lock_name(token));
}

std::optional<DirectoryLock> take(const SweepDirectory& directory) {
  auto attempt = DirectoryLock::attempt(directory);
  REQUIRE(attempt);
  return std::move(attempt->lock);
}

}  // namespace

TEST_CASE("lock: a second run is refused and told who holds the folder, until the first gives it up") {
  const TemporaryFolder folder;
  auto first = entered(folder.path()), second = entered(folder.path());
  {
    const auto lock = take(first);
    REQUIRE(lock);
    const auto attempt = DirectoryLock::attempt(second);
    REQUIRE(attempt);
    CHECK_FALSE(attempt->lock);
    CHECK(attempt->holder.lives);
    CHECK(attempt->holder.token == first.staging().token());
    CHECK(names_of(attempt->holder.identity).find("process " + std::to_string(getpid())) == 0);
  }
  CHECK(take(second));
  first.leave();
  second.leave();
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("lock: a holder on this host that is dead is taken over from, and its folder goes") {
  const TemporaryFolder folder;
  auto directory = entered(folder.path());
  const std::string dead = plant_run(folder.path(), other, host_name(), 0);
  plant_lock(folder, other);
  const auto lock = take(directory);
  REQUIRE(lock);
  CHECK_FALSE(fs::exists(dead));
  CHECK_FALSE(fs::exists(folder / lock_name(other)));
  CHECK(fs::exists(folder / lock_name(directory.staging().token())));
}

TEST_CASE("lock: a holder that cannot be seen may live, until it was silent for a minute") {
  const TemporaryFolder folder;
  auto directory = entered(folder.path());
  const std::string run = plant_run(folder.path(), other, "elsewhere", 30) + "/run";
  plant_lock(folder, other);
  SUBCASE("on another host") {}
  SUBCASE("whose file says nothing") {
    std::ofstream(run) << "torn";
    set_age(run, 30);
  }
  const auto attempt = DirectoryLock::attempt(directory);
  REQUIRE(attempt);
  CHECK_FALSE(attempt->lock);
  CHECK_FALSE(attempt->holder.lives);
  SUBCASE("by the clock of its folder") { set_age(run, 100); }
  SUBCASE("or by one that was set back since") { set_age(run, -86400); }
  set_age(run, 100);
  CHECK(take(directory));
}

TEST_CASE("lock: one whose run has no folder is free") {
  const TemporaryFolder folder;
  auto directory = entered(folder.path());
  plant_lock(folder, other);
  CHECK(take(directory));
  CHECK_FALSE(fs::exists(folder / lock_name(other)));
}

TEST_CASE("lock: that of an earlier version of sweepd holds as long as its process lives") {
  const TemporaryFolder folder;
  auto directory = entered(folder.path());
  RunIdentity run = RunIdentity::make();
  std::ofstream(folder / "lock") << run.text();
  set_age(folder / "lock", 1000);
  CHECK_FALSE(take(directory));
  run.pid = 1 << 29;
  std::ofstream(folder / "lock") << run.text();
  CHECK(take(directory));
  CHECK_FALSE(fs::exists(folder / "lock"));
}

TEST_CASE("lock: a holder that was taken over from is told so, and leaves the other's lock alone") {
  const TemporaryFolder folder;
  auto first = entered(folder.path()), second = entered(folder.path());
  auto lock = take(first);
  REQUIRE(lock);
  CHECK(first.staging().renew());
  fs::remove_all(first.staging().path());  // as the other does, had this one been silent
  const auto others = take(second);
  REQUIRE(others);
  CHECK_FALSE(first.staging().renew());
  CHECK_FALSE(lock->release());
  CHECK_FALSE(first.write("results.json", "x"));
  CHECK_FALSE(first.remove("manifest.json"));
  CHECK_FALSE(DirectoryLock::attempt(first));
  CHECK(fs::exists(folder / lock_name(second.staging().token())));
}

TEST_CASE("lock: what lies in the place of an earlier version's lock is not followed or waited for") {
  const TemporaryFolder folder;
  auto directory = entered(folder.path());
  SUBCASE("a link") { fs::create_symlink("/etc/passwd", folder / "lock"); }
  SUBCASE("a pipe") { REQUIRE(mkfifo((folder / "lock").c_str(), 0600) == 0); }
  SUBCASE("a folder") { fs::create_directory(folder / "lock"); }
  CHECK_FALSE(DirectoryLock::attempt(directory));
}

TEST_CASE("takeover: records of a dead run are saved, if they are of the sweep that the manifest tells") {
  const test::Place place;
  const std::string dead = plant_run(place.directory().path(), other, host_name(), 0);
  std::ofstream(dead + "/000000000000-000000000004.part") << "torn";
  fs::create_directory(dead + "/salvaged.3");
  std::ofstream(dead + "/salvaged.3/000000000004-000000000008.part") << "torn";
  std::ofstream(dead + "/results.json.0123456789abcdef.tmp") << "half";
  REQUIRE(clear_dead_runs(place.directory()));
  CHECK_FALSE(fs::exists(dead));
  CHECK(fs::is_empty(place.path()));
  const fs::directory_iterator left(place.directory().staging().path());
  CHECK(std::distance(left, {}) == 1);  // the run's own file
}

TEST_CASE("takeover: records of a dead run are saved also where somebody has removed the folder for them") {
  const test::Place place;
  const Manifest manifest{.name = "s", .file = "/s.yaml", .task_text = "{}", .fingerprint = "ab"};
  REQUIRE(place.directory().write_manifest(manifest));
  const std::string dead = plant_run(place.directory().path(), other, host_name(), 0);
  std::string line;
  append_record_head(line, 0, "0123456789abcdef0123", "{}");
  (line += ok_and_result) += "1";
  append_run(line, 0, RunFacts{});
  std::ofstream(dead + "/000000000000-000000000004.part") << line;
  fs::remove(place.path());
  REQUIRE(clear_dead_runs(place.directory()));
  CHECK(fs::exists(place / "000000000000-000000000001.ndjson"));
}

TEST_CASE("takeover: a run that was taken over itself takes nothing from others any more") {
  const test::Place place;
  const std::string dead = plant_run(place.directory().path(), other, host_name(), 0);
  std::ofstream(dead + "/000000000000-000000000004.part") << "torn";
  fs::remove_all(place.directory().staging().path());
  CHECK_FALSE(clear_runs(place.directory(), {other}));
  CHECK(fs::exists(dead + "/000000000000-000000000004.part"));
}

TEST_CASE("staging: a folder with records that could not be saved stays for the next run") {
  const TemporaryFolder folder;
  auto directory = entered(folder.path());
  const std::string own = directory.staging().path();
  std::ofstream(own + "/000000000000-000000000004.part") << "torn";
  directory.leave();
  CHECK(fs::exists(own + "/000000000000-000000000004.part"));
  CHECK_FALSE(fs::exists(own + "/run"));
}
