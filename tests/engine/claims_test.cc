#include "runner/engine/claims.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "runner/engine/sweep_sharing.h"
#include "tests/engine/entered.h"

using namespace sweepd;

namespace {

constexpr Blocks ten_blocks{100, 10};

/// A member of another host, or one whose process can be seen from here.
void plant_member(const TemporaryFolder& folder, const std::string& token, const std::string& host,
                  long silent_s) {
  test::plant_run(folder.path(), token, host, silent_s);
  std::ofstream(folder / ("claims/" + token + ".member"));
}

void plant_claim(const TemporaryFolder& folder, const std::string& name, const std::string& token) {
  std::filesystem::create_symlink(token, folder / ("claims/" + name));
}

void plant_file(const TemporaryFolder& folder, const std::string& name, const std::string& text) {
  std::ofstream(folder / ("claims/" + name)) << text;
}

const std::string other = "00000000000000ff";

void look(Claims& claims) { REQUIRE(claims.look()); }

}  // namespace

TEST_CASE("claims: a block is one run's, and the other is told so") {
  const TemporaryFolder folder;
  const SweepDirectory directory = test::entered(folder.path());
  auto first = Claims::found(directory, ten_blocks);
  REQUIRE(first);
  auto second = Claims::join(test::entered(folder.path()));
  REQUIRE(second);
  CHECK(second->blocks().size == 10);
  CHECK(*first->claim(3));
  CHECK_FALSE(*second->claim(3));
  CHECK(first->holder(3) == BlockHolder::self);
  CHECK(second->holder(3) == BlockHolder::living);
  CHECK(second->holder_name(3).find("process " + std::to_string(getpid())) == 0);
  CHECK(second->holder(4) == BlockHolder::nobody);
  CHECK(first->own_ranges() == std::vector<Chunk>{{30, 40}});
  CHECK(second->own_ranges().empty());
  REQUIRE(second->look());
  CHECK(second->members() == 2);
}

TEST_CASE("claims: what a run leaves when it ends is taken over by one of the others") {
  const TemporaryFolder folder;
  const SweepDirectory directory = test::entered(folder.path());
  std::optional<Claims> first(std::move(*Claims::found(directory, ten_blocks)));
  auto second = Claims::join(test::entered(folder.path()));
  auto third = Claims::join(test::entered(folder.path()));
  REQUIRE(*first->claim(3));
  REQUIRE(second->look());
  REQUIRE(third->look());
  first.reset();
  REQUIRE(second->look());
  REQUIRE(second->holder(3) == BlockHolder::gone);
  CHECK(*second->claim(3));
  CHECK(second->holder(3) == BlockHolder::self);
  CHECK_FALSE(*third->claim(3));
  CHECK(third->holder(3) == BlockHolder::living);
}

TEST_CASE("claims: a member on this host counts as dead with its process, others after a minute of silence") {
  const TemporaryFolder folder;
  const SweepDirectory directory = test::entered(folder.path());
  Claims claims = std::move(*Claims::found(directory, ten_blocks));
  plant_claim(folder, "0.1", other);
  BlockHolder expected{};
  SUBCASE("on this host, its process gone") {
    plant_member(folder, other, host_name(), 0);
    expected = BlockHolder::gone;
  }
  SUBCASE("on another, silent") {
    plant_member(folder, other, "elsewhere", 100);
    expected = BlockHolder::gone;
  }
  SUBCASE("on another, not seen to renew itself so far") {
    plant_member(folder, other, "elsewhere", 30);
    expected = BlockHolder::silent;
  }
  look(claims);
  CHECK(claims.holder(0) == expected);
  REQUIRE(clear_dead_runs(directory));
  const auto living = Claims::living_members(directory, claims.token());
  REQUIRE(living);
  CHECK(living->size() == (expected == BlockHolder::silent ? 1 : 0));
}

TEST_CASE("claims: a member is believed alive once it was seen to renew itself, until it is silent") {
  const TemporaryFolder folder;
  const SweepDirectory directory = test::entered(folder.path());
  Claims claims = std::move(*Claims::found(directory, ten_blocks));
  plant_claim(folder, "0.1", other);
  plant_member(folder, other, "elsewhere", 30);
  look(claims);
  CHECK(claims.holder(0) == BlockHolder::silent);
  look(claims);
  CHECK(claims.holder(0) == BlockHolder::silent);
  plant_member(folder, other, "elsewhere", 0);
  look(claims);
  CHECK(claims.holder(0) == BlockHolder::living);
  CHECK(claims.holder_name(0).find("on elsewhere, Slurm job 7") != std::string::npos);
  plant_member(folder, other, "elsewhere", 61);
  look(claims);
  CHECK(claims.holder(0) == BlockHolder::gone);
}

TEST_CASE("claims: what is new to this host alone is no sign of life") {
  const TemporaryFolder folder;
  const SweepDirectory directory = test::entered(folder.path());
  Claims claims = std::move(*Claims::found(directory, ten_blocks));
  plant_claim(folder, "0.1", other);
  plant_member(folder, other, "elsewhere", 30);
  look(claims);
  CHECK(claims.holder(0) == BlockHolder::silent);
  plant_member(folder, other, "elsewhere", 20);  // as a client shows that remembers
  look(claims);
  CHECK(claims.holder(0) == BlockHolder::silent);
}

TEST_CASE("claims: who is about to end is waited for") {
  const TemporaryFolder folder;
  const SweepDirectory directory = test::entered(folder.path());
  std::optional<Claims> first(std::move(*Claims::found(directory, ten_blocks)));
  Claims second = std::move(*Claims::join(test::entered(folder.path())));
  REQUIRE(*first->claim(0));
  look(second);
  CHECK(second.holder(0) == BlockHolder::living);
  first->end_soon();
  look(second);
  CHECK(second.holder(0) == BlockHolder::silent);
  first.reset();
  look(second);
  CHECK(second.holder(0) == BlockHolder::gone);
}

TEST_CASE("claims: one that no run can have made is nobody's") {
  const TemporaryFolder folder;
  const SweepDirectory directory = test::entered(folder.path());
  Claims claims = std::move(*Claims::found(directory, ten_blocks));
  SUBCASE("a link to elsewhere") { plant_claim(folder, "0.1", "/etc/passwd"); }
  SUBCASE("a link to something long") { plant_claim(folder, "0.1", std::string(300, 'a')); }
  SUBCASE("a file") { plant_file(folder, "0.1", other); }
  look(claims);
  CHECK(claims.holder(0) == BlockHolder::gone);
  CHECK(*claims.claim(0));
  CHECK(std::filesystem::is_symlink(folder / "claims/0.2"));
}

TEST_CASE("claims: one's own that is said to be there already is one's own") {
  const TemporaryFolder folder;
  const SweepDirectory directory = test::entered(folder.path());
  Claims claims = std::move(*Claims::found(directory, ten_blocks));
  plant_claim(folder, "0.1", claims.token());
  CHECK(*claims.claim(0));
  CHECK(claims.holder(0) == BlockHolder::self);
}

TEST_CASE("claims: strangers in the folder are left alone, and damaged blocks are told") {
  const TemporaryFolder folder;
  const SweepDirectory directory = test::entered(folder.path());
  Claims claims = std::move(*Claims::found(directory, ten_blocks));
  for (const char* name : {"99.1", "3.0", "3.x", "x.1", "3.1.1", "18446744073709551616.1", "x.member", "3"})
    plant_file(folder, name, "x");
  look(claims);
  CHECK(claims.members() == 1);
  for (uint64_t block = 0; block < 10; ++block) CHECK(claims.holder(block) == BlockHolder::nobody);
  for (const char* text : {"", "[]", "{}", R"({"points":100,"size":0})", R"({"points":1e300,"size":1})",
                           R"({"points":1000000,"size":1})"}) {
    plant_file(folder, "blocks", text);
    CHECK_FALSE(Claims::join(directory));
  }
}

TEST_CASE("claims: a block that is given back is free for whoever comes first") {
  const TemporaryFolder folder;
  const SweepDirectory directory = test::entered(folder.path());
  Claims first = std::move(*Claims::found(directory, ten_blocks));
  Claims second = std::move(*Claims::join(test::entered(folder.path())));
  REQUIRE(*first.claim(4));
  look(second);
  first.release(4);
  CHECK(first.own_ranges().empty());
  CHECK(first.holder(4) == BlockHolder::gone);
  look(second);
  REQUIRE(second.holder(4) == BlockHolder::gone);
  CHECK(*second.claim(4));
  CHECK_FALSE(*first.claim(4));
}
