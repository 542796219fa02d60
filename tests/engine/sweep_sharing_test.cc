#include "runner/engine/sweep_sharing.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <list>
#include <random>

#include "runner/core/chunk_name.h"
#include "runner/core/record.h"
#include "tests/engine/entered.h"

using namespace sweepd;

namespace {

std::string record(uint64_t index) {
  std::string line;
  append_record_head(line, index, "0123456789abcdef0123", "{\"i\":1}");
  (line += ok_and_result) += "1";
  append_run(line, 0, RunFacts{});
  return line;
}

/// A run whose workers are this test: it writes real chunk files.
class Member {
 public:
  Member(const SweepDirectory& directory, const Blocks& blocks, bool is_first)
      : directory_(test::entered(directory.path())),
        store_(*ChunkStore::open(directory_, {})),
        state_(blocks.points, store_.list_committed()->ranges()),
        sharing_(directory_, store_, blocks, lock_, init(is_first), Duration{}) {}

  SweepSharing& sharing() { return sharing_; }
  SweepState& state() { return state_; }
  const SweepDirectory& directory() const { return directory_; }

  void open() {
    const auto ours = sharing_.open({});
    REQUIRE(ours);
    REQUIRE(state_.apply(Shared{*ours}));
  }

  Claiming claim(uint64_t points) {
    const auto claiming = sharing_.claim(points);
    REQUIRE(claiming);
    for (const Claimed& claimed : claiming->claimed) REQUIRE(state_.apply(claimed));
    return *claiming;
  }

  /// Runs up to `points` of the first range that waits; `count` them.
  void work(uint64_t points, bool dies, std::vector<int>& runs) {
    const Waiting next = state_.waiting().begin()->second;
    const Chunk chunk{next.chunk.first, std::min(next.chunk.last, next.chunk.first + points)};
    const std::string part = directory_.staging().path() + "/" + part_file_name(chunk);
    REQUIRE_FALSE(std::filesystem::exists(part));
    std::ofstream out(part);
    for (uint64_t index = chunk.first; index < chunk.last; ++index) {
      if (dies && index + 1 == chunk.last) {
        out << record(index).substr(0, 30);  // torn: in hand when it died
        return;
      }
      out << record(index);
      ++runs[index];
    }
    out.close();
    std::filesystem::rename(part, store_.path(chunk));
    REQUIRE(state_.apply(Assigned{WorkerId{0}, ++lease_, chunk}));
    REQUIRE(state_.apply(Finished{WorkerId{0}, lease_, chunk.last, 0}));
  }

  /// As if its process were gone.
  void die() {
    RunIdentity dead = RunIdentity::make();
    dead.pid = 1 << 29;  // more than there can be
    dead.token = claims_->token();
    std::ofstream(directory_.staging().run_file()) << dead.text();
  }

 private:
  std::optional<Claims>& init(bool is_first) {
    if (is_first)
      lock_.emplace(std::move(*DirectoryLock::attempt(directory_)->lock));
    else
      claims_.emplace(std::move(*Claims::join(directory_)));
    if (!is_first) REQUIRE(state_.apply(Shared{{}}));
    return claims_;
  }

  const SweepDirectory directory_;
  ChunkStore store_;
  std::optional<DirectoryLock> lock_;
  std::optional<Claims> claims_;
  SweepState state_;
  SweepSharing sharing_;
  uint64_t lease_ = 0;
};

struct Place {
  Place() {
    std::filesystem::create_directory(directory.chunks());
    const Manifest manifest{.name = "s", .file = "/s.yaml", .task_text = "{}", .fingerprint = "ab"};
    REQUIRE(test::entered(folder.path()).write_manifest(manifest));
  }
  TemporaryFolder folder;
  SweepDirectory directory{folder.path()};
};

uint64_t wait_for_rest(Member& member, Claiming::Rest rest) {
  for (uint64_t tries = 1;; ++tries) {
    REQUIRE(tries < 10'000'000);
    const Claiming claiming = member.claim(1);
    if (!claiming.claimed.empty() || claiming.rest == rest) return claiming.claimed.size();
  }
}

/// As a run does that waits: the second time is later, also by the clock of the file system.
void ask_twice(const SweepDirectory& directory, SweepSharing& asked) {
  REQUIRE(SweepSharing::ask(directory));
  CHECK_FALSE(asked.is_asked());
  usleep(20'000);
  REQUIRE(SweepSharing::ask(directory));
}

}  // namespace

TEST_CASE("sharing: it is asked for by a file, and the one that opens it keeps what it has in hand") {
  Place place;
  Member first(place.directory, Blocks{100, 10}, true);
  CHECK_FALSE(first.sharing().is_shared());
  CHECK_FALSE(first.sharing().is_asked());
  ask_twice(test::entered(place.folder.path()), first.sharing());
  CHECK(first.sharing().is_asked());
  const auto ours = first.sharing().open({{5, 25}});
  REQUIRE(ours);
  CHECK(*ours == std::vector<Chunk>{{0, 10}, {10, 20}, {20, 30}});
  CHECK(first.sharing().is_shared());
  CHECK_FALSE(first.sharing().is_asked());
  CHECK(DirectoryLock::attempt(test::entered(place.folder.path()))->lock);
  CHECK(first.sharing().hold());
  Member second(place.directory, Blocks{100, 10}, false);
  CHECK(second.claim(1).claimed.at(0).range == Chunk{30, 40});
}

TEST_CASE("sharing: a request that is not renewed, since who asked has died, is none") {
  Place place;
  Member holder(place.directory, Blocks{100, 10}, true);
  REQUIRE(SweepSharing::ask(test::entered(place.folder.path())));
  for (int look = 0; look < 5; ++look) CHECK_FALSE(holder.sharing().is_asked());
}

TEST_CASE("sharing: what is done in a block is not run again, nor what a dead run left half written") {
  Place place;
  std::vector<int> runs(100, 0);
  Member first(place.directory, Blocks{100, 50}, true);
  first.work(60, false, runs);
  first.open();
  first.claim(1);
  CHECK(first.state().waiting().begin()->second.chunk == Chunk{60, 100});
  first.work(10, true, runs);
  Member second(place.directory, Blocks{100, 50}, false);
  CHECK(wait_for_rest(second, Claiming::Rest::others) == 0);
  first.die();
  CHECK(wait_for_rest(second, Claiming::Rest::nothing) == 1);
  CHECK(second.state().waiting().begin()->second.chunk == Chunk{69, 100});
  second.work(100, false, runs);
  CHECK(wait_for_rest(second, Claiming::Rest::nothing) == 0);
  CHECK(runs == std::vector<int>(100, 1));
}

TEST_CASE(
    "sharing: a chunk from before the sweep was shared, across blocks, is salvaged by whoever takes one") {
  Place place;
  std::vector<int> runs(40, 0);
  Member first(place.directory, Blocks{40, 10}, true);
  std::ofstream part(first.directory().staging().path() + "/" + part_file_name({0, 40}));
  for (uint64_t index = 0; index < 25; ++index) part << record(index);
  part.close();
  const auto ours = first.sharing().open({{0, 40}});
  REQUIRE(ours);
  first.die();
  Member second(place.directory, Blocks{40, 10}, false);
  CHECK(wait_for_rest(second, Claiming::Rest::nothing) == 1);
  Member third(place.directory, Blocks{40, 10}, false);
  CHECK(wait_for_rest(third, Claiming::Rest::nothing) == 1);
  CHECK(second.state().waiting_points() == 0);
  CHECK(third.state().waiting().begin()->second.chunk == Chunk{25, 30});
}

TEST_CASE("sharing: who has too much gives back what it has not begun, and others take it") {
  Place place;
  Member first(place.directory, Blocks{100, 10}, true);
  const auto ours = first.sharing().open({{0, 100}});
  REQUIRE(ours);
  CHECK(first.sharing().fair_share(100) == 100);
  Member second(place.directory, Blocks{100, 10}, false);
  first.sharing().give_back({{25, 30}, {40, 50}, {50, 60}}, {{21, 22}, {0, 10}});
  CHECK(first.sharing().own_ranges() ==
        std::vector<Chunk>{{0, 10}, {10, 20}, {20, 30}, {30, 40}, {60, 70}, {70, 80}, {80, 90}, {90, 100}});
  CHECK(second.sharing().fair_share(100) == 50);
  CHECK(wait_for_rest(second, Claiming::Rest::others) == 1);
  CHECK(second.sharing().own_ranges() == std::vector<Chunk>{{40, 50}});
}

TEST_CASE("sharing: from any seed, with runs that come and die, every point is recorded once") {
  uint64_t deaths = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto pick = [&random](uint64_t low, uint64_t high) {
      return std::uniform_int_distribution<uint64_t>(low, high)(random);
    };
    Place place;
    const Blocks blocks{pick(1, 120), pick(1, 20)};
    std::vector<int> runs(blocks.points, 0);
    std::list<Member> members, dead;
    members.emplace_back(place.directory, blocks, true);
    members.front().open();
    const auto is_whole = [&] {
      return ChunkStore::open(place.directory, {})->list_committed()->points() == blocks.points;
    };
    while (!is_whole()) {
      if (members.empty() || (members.size() < 4 && pick(0, 9) == 0))
        members.emplace_back(place.directory, blocks, false);
      auto chosen = std::next(members.begin(), static_cast<std::ptrdiff_t>(pick(0, members.size() - 1)));
      if (chosen->state().waiting_points() == 0) chosen->claim(pick(1, 10));
      if (chosen->state().waiting_points() == 0) continue;
      const bool dies = pick(0, 9) == 0;
      chosen->work(pick(1, 8), dies, runs);
      if (!dies) continue;
      ++deaths;
      chosen->die();
      dead.splice(dead.begin(), members, chosen);
    }
    CHECK(runs == std::vector<int>(blocks.points, 1));
  }
  CHECK(deaths > 20);  // else it would prove little
}
