// One part of a gang that is in several places, and how it hears from the others.
#include "workers/tasks/scaling/ranked_gang.h"

#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "runner/platform/binding.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {
namespace {

using Numbers = std::vector<uint32_t>;

/// Lets each round begin at the second time it is asked after all have arrived, or breaks up.
class Hesitation : public OuterBarrier {
 public:
  explicit Hesitation(uint32_t last_round) : last_round_(last_round) {}
  int fd() const override { return again_.get(); }
  void arrive(uint32_t round, const GangRound& before) override {
    arrivals.push_back(round);
    sums.push_back(before.sum);
    asked_ = 0;
    eventfd_write(again_.get(), 1);
  }
  Result<bool> may_begin(uint32_t round) override {
    if (arrivals.size() <= round) return false;
    if (round > last_round_) return failure("enough");
    return ++asked_ == 2;
  }

  std::vector<uint32_t> arrivals;
  std::vector<uint64_t> sums;  // told at each

 private:
  uint32_t last_round_;
  uint32_t asked_ = 0;
  UniqueFd again_{eventfd(0, EFD_CLOEXEC)};  // stays readable
};

bool has_children() { return !(waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD); }

struct Line {
  UniqueFd ours;
  UniqueFd theirs;
};

Line line() {
  int fds[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

}  // namespace

TEST_CASE("ranked gang: member i is on core i of all, from the first again when there are more") {
  CHECK(members_at({.first = 0, .cores = 2, .all = 6}, 6) == Numbers{0, 1});
  CHECK(members_at({.first = 2, .cores = 4, .all = 6}, 5) == Numbers{2, 3, 4});
  CHECK(members_at({.first = 4, .cores = 2, .all = 6}, 3) == Numbers{});
  CHECK(members_at({.first = 0, .cores = 1, .all = 2}, 5) == Numbers{0, 2, 4});
}

TEST_CASE("ranked gang: a part forks its own members only, each on its own cpus") {
  const uint32_t cpu = *bound_processors().begin();
  GangSpec spec =
      gang_part({.seed = 1, .darts = 1000, .workers = 5, .repeats = 1, .mode = ScalingMode::strong},
                {.first = 1, .cores = 1, .all = 3}, {CpuSet{cpu}});
  CHECK(spec.here == Numbers{1, 4});
  CHECK(spec.shares_cores);
  spec.share = [&](uint32_t member) {
    return bound_processors() == CpuSet{cpu} ? uint64_t{1} << member : uint64_t{0};
  };
  const auto report = run_gang(spec);
  REQUIRE(report);
  CHECK(report->rounds.front().sum == (1U << 1) + (1U << 4));
}

TEST_CASE("gang: with an outer barrier each round waits for it, and it is told of the round before") {
  for (const bool shares_cores : {false, true}) {
    Hesitation barrier(9);
    GangSpec spec;
    spec.members = 3;
    spec.rounds = 10;
    spec.shares_cores = shares_cores;
    spec.outer = &barrier;
    spec.share = [round = uint64_t{0}](uint32_t) mutable { return ++round; };
    const auto report = run_gang(spec);
    REQUIRE(report);
    CHECK(barrier.arrivals == Numbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(barrier.sums == std::vector<uint64_t>{0, 3, 6, 9, 12, 15, 18, 21, 24, 27});
    CHECK(report->rounds.back().sum == 30);
    for (const GangRound& round : report->rounds) CHECK(round.seconds >= 0);
  }
}

TEST_CASE("gang: members that wait for an outer barrier end when it breaks up") {
  Hesitation barrier(1);
  GangSpec spec;
  spec.members = 2;
  spec.rounds = 5;
  spec.outer = &barrier;
  spec.share = [](uint32_t) { return uint64_t{1}; };
  const auto report = run_gang(spec);
  REQUIRE_FALSE(report);
  CHECK(report.error().message == "enough");
  CHECK(barrier.arrivals == Numbers{0, 1, 2});
  CHECK_FALSE(has_children());
}

TEST_CASE("gang: a member that dies while others wait for an outer barrier is named") {
  Hesitation barrier(9);
  GangSpec spec;
  spec.members = 8;
  spec.rounds = 2;
  spec.here = {5, 7};
  spec.outer = &barrier;
  spec.share = [](uint32_t member) -> uint64_t {
    if (member == 7) _exit(9);
    return 1;
  };
  const auto report = run_gang(spec);
  REQUIRE_FALSE(report);
  CHECK(report.error().message == "member 7 of the gang of 8 ended with status 9");
  CHECK_FALSE(has_children());
}

TEST_CASE("ranked gang: what was said of a gang that is over is not taken for this one") {
  const Line ends = line();
  const GangLine theirs(ends.theirs.get());
  GangMessage stale{};
  stale.word = GangWord::failed;
  stale.rank = 1;
  set_text(stale, "of yesterday");
  theirs.send(stale);
  REQUIRE(send(ends.theirs.get(), "odd", 3, 0) == 3);
  const pid_t follower = fork();
  REQUIRE(follower >= 0);
  if (follower == 0) {
    WorkerContext there;
    there.share.gang_cores = {{*bound_processors().begin()}};
    there.gang_line = &theirs;
    for (;;)
      if (const auto message = theirs.receive(); message && *message && (*message)->word == GangWord::form) {
        follow_gang(**message, there);
        _exit(0);
      }
  }
  const GangLine ours(ends.ours.get());
  WorkerContext here;
  here.share.gang_cores = {{*bound_processors().begin()}};
  here.cores_elsewhere = {1};
  here.gang_line = &ours;
  const ScalingWork work{
      .seed = 5, .darts = 2'000'000, .workers = 2, .repeats = 4, .mode = ScalingMode::weak};
  const auto report = lead_gang(work, here);
  REQUIRE(report);
  REQUIRE(report->rounds.size() == 4);
  for (const GangRound& round : report->rounds) {
    CHECK(round.sum == hits_of_member(work, 0) + hits_of_member(work, 1));
    CHECK(round.seconds > 0);
  }
  REQUIRE(waitpid(follower, nullptr, 0) == follower);
}

TEST_CASE("ranked gang: a part whose cores are others than was thought says so") {
  const Line ends = line();
  const GangLine ours(ends.ours.get());
  const GangLine theirs(ends.theirs.get());
  WorkerContext there;
  there.share.gang_cores = {{0}};
  there.gang_line = &theirs;
  for (const GangPlace place : {GangPlace{1, 2, 3}, GangPlace{3, 1, 3}, GangPlace{0, 1, 0}}) {
    GangMessage form{};
    form.word = GangWord::form;
    form.gang = 4;
    form.place = place;
    form.work = {.seed = 1, .darts = 1, .workers = 2, .repeats = 1, .mode = ScalingMode::strong};
    follow_gang(form, there);
    const auto answer = ours.receive();
    REQUIRE((answer && *answer));
    CHECK((*answer)->word == GangWord::failed);
    CHECK((*answer)->gang == 4);
    CHECK(error_of(**answer).message.find("it has 1 cores") == 0);
  }
}

TEST_CASE("ranked gang: a line that has closed ends the gang") {
  Line ends = line();
  const GangLine ours(ends.ours.get());
  WorkerContext here;
  here.share.gang_cores = {{*bound_processors().begin()}};
  here.cores_elsewhere = {1};
  here.gang_line = &ours;
  ends.theirs.reset();
  const ScalingWork work{.seed = 5, .darts = 1000, .workers = 2, .repeats = 1, .mode = ScalingMode::strong};
  const auto report = lead_gang(work, here);
  REQUIRE_FALSE(report);
  CHECK(report.error().message == "the process that speaks with the other ranks has ended");
  CHECK_FALSE(has_children());
}

}  // namespace sweepd
