// Gangs of the scaling kernel with members on three ranks: one core of rank 0, two of each other one.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iterator>

#include "runner/core/chunk_name.h"
#include "runner/core/json.h"
#include "runner/core/point_facts.h"
#include "runner/core/spaces.h"
#include "runner/platform/binding.h"
#include "runner/platform/process_tree.h"
#include "tests/ranks/ring.h"
#include "workers/tasks/pi/pi.h"
#include "workers/tasks/pi/pi_kernel.h"

using namespace sweepd;
using namespace std::chrono_literals;

namespace {

constexpr double endless = 9e15;

Post gang_post(uint32_t cores) {
  std::vector<CpuSet> cpus;
  for (const uint32_t cpu : bound_processors()) cpus.push_back({cpu});
  WorkerShare share{.bound = false};
  for (uint32_t core = 0; core < cores; ++core) share.gang_cores.push_back(cpus[core % cpus.size()]);
  return {.context = {.share = share}};
}

Ring::Staff leading_staff() {
  Ring::Staff staff{.posts = {gang_post(1)}, .crew = {.host = "here", .cpus = {{0}}}};
  staff.posts[0].context.cores_elsewhere = {2, 2};
  return staff;
}

Ring::Staff following_staff() {
  return {.posts = {gang_post(2)}, .crew = {.host = "there", .gang_cores = 2}};
}

SpacePtr points(const std::vector<std::pair<int64_t, double>>& rows) {
  std::vector<Value> workers;
  std::vector<Value> darts;
  for (const auto& [count, throws] : rows) {
    workers.push_back(Value::of(count));
    darts.push_back(Value::of(throws));
  }
  return *make_zip({*make_list("workers", workers, std::vector<SourcePosition>(rows.size())),
                    *make_list("darts", darts, std::vector<SourcePosition>(rows.size()))},
                   {});
}

class GangRing : public Ring {
 public:
  /// Points of so many workers and darts.
  explicit GangRing(const std::vector<std::pair<int64_t, double>>& rows)
      : Ring(ScalingTask{.oversubscribe = true}, points(rows),
             {leading_staff(), following_staff(), following_staff()}) {
    REQUIRE(pool().size() == 1);
    await_ready();
  }

  void deal(uint64_t index) { pool().assign({.worker = {}, .chunk = {index, index + 1}}, ++lease_); }

  std::string record_of(uint64_t index) const {
    std::ifstream file(path("out/chunks/") + chunk_file_name({index, index + 1}));
    return {std::istreambuf_iterator(file), {}};
  }

  std::string run(uint64_t index) {
    deal(index);
    const WorkerEvent event = next();
    REQUIRE(event.kind == WorkerEvent::Kind::finished);
    return record_of(index);
  }

  /// That of one process.
  std::string pi_of(uint64_t index) const {
    const PointFacts facts = point_facts(sweep(), index);
    const auto darts = static_cast<uint64_t>(find(facts.point, "darts")->real());
    std::string text = "\"pi\":";
    append_json(text, pi_estimate(pi_hits(facts.seed, darts), darts));
    return text + "}";
  }

  /// Below the agent are its starter, its worker, and the members of the gang.
  std::vector<pid_t> below(uint32_t rank) {
    pool().poll(1ms);
    return descendants_of(pid_of(rank));
  }
  void await_members() {
    REQUIRE(comes_true([&] { return below(1).size() == 4 && below(2).size() == 4; }));
  }
  void await_no_members() {
    REQUIRE(comes_true([&] { return below(1).size() == 2 && below(2).size() == 2; }));
  }

 private:
  uint64_t lease_ = 0;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// As ps(1) shows it.
char state_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator(file), {}};
  const size_t name_end = text.rfind(") ");
  return name_end == std::string::npos ? '?' : text[name_end + 2];
}

/// Reaps it where it has come to this process.
bool has_ended(pid_t pid) {
  waitpid(pid, nullptr, WNOHANG);
  return kill(pid, 0) != 0;
}

}  // namespace

TEST_CASE("ranked gang: members on three ranks make the hits of one process together") {
  GangRing ring({{1, 3e6}, {2, 3e6}, {3, 3e6}, {4, 3e6}, {5, 3e6}, {13, 3e6}});
  for (uint64_t index = 0; index < ring.sweep().size(); ++index) {
    const std::string record = ring.run(index);
    CAPTURE(record);
    CHECK(contains(record, R"("status":"ok")"));
    CHECK(contains(record, ring.pi_of(index)));
  }
  ring.await_no_members();
}

TEST_CASE(
    "ranked gang: a member elsewhere that dies loses the point and is named, and the next one is measured") {
  GangRing ring({{5, endless}, {5, 1e6}});
  ring.deal(0);
  ring.await_members();
  kill(ring.below(2).back(), SIGKILL);
  CHECK(ring.next().report.failed == 1);
  CHECK(contains(
      ring.record_of(0),
      R"("kind":"lost","message":"rank 2 on there: member 4 of the gang of 5 was killed by signal 9")"));
  ring.await_no_members();
  CHECK(contains(ring.run(1), ring.pi_of(1)));
}

TEST_CASE("ranked gang: so does a whole part, and its worker is replaced") {
  GangRing ring({{5, endless}, {5, 1e6}});
  ring.deal(0);
  ring.await_members();
  kill(ring.below(1)[1], SIGKILL);
  CHECK(ring.next().report.failed == 1);
  CHECK(contains(ring.record_of(0),
                 R"("kind":"lost","message":"rank 1 on there: its part of the gang was killed by signal 9)"));
  ring.await_no_members();
  CHECK(contains(ring.run(1), ring.pi_of(1)));
}

TEST_CASE("ranked gang: when the leading worker is killed the others end, and its place is taken") {
  GangRing ring({{5, endless}, {5, 1e6}});
  ring.deal(0);
  ring.await_members();
  ring.pool().kill(WorkerId{0});
  CHECK(ring.next().kind == WorkerEvent::Kind::died);
  CHECK(ring.next().kind == WorkerEvent::Kind::ready);
  ring.await_no_members();
  CHECK(contains(ring.run(1), ring.pi_of(1)));
}

TEST_CASE("ranked gang: it stops on all ranks, and goes on") {
  GangRing ring({{5, endless}});
  ring.deal(0);
  ring.await_members();
  const auto members_in_state = [&](char state) {
    return std::ranges::count(
        std::array{ring.below(1)[2], ring.below(1)[3], ring.below(2)[2], ring.below(2)[3]}, state, state_of);
  };
  ring.pool().suspend();
  CHECK(comes_true([&] { return members_in_state('T') == 4; }));
  ring.pool().resume();
  CHECK(comes_true([&] { return members_in_state('T') == 0; }));
}

TEST_CASE("ranked gang: a rank that is lost breaks off what needs it, and only that") {
  GangRing ring({{5, endless}, {3, 1e6}, {4, 1e6}});
  ring.deal(0);
  ring.await_members();
  kill(ring.pid_of(2), SIGKILL);
  const auto check_broken = [&] {
    const WorkerEvent finished = ring.next();
    CHECK(finished.kind == WorkerEvent::Kind::finished);
    CHECK(finished.report.failed == 0);
    const WorkerEvent broken = ring.next();
    CHECK(broken.kind == WorkerEvent::Kind::broken);
    CHECK(broken.is_shortage);
    CHECK(contains(broken.message, "rank 2 on there is lost: its process has ended; "));
  };
  check_broken();
  CHECK(contains(ring.run(1), ring.pi_of(1)));
  ring.deal(2);
  check_broken();
}

TEST_CASE(
    "ranked gang: a rank that is cut off is not waited for longer than the silence, and ends its part") {
  GangRing ring({{5, endless}});
  ring.deal(0);
  ring.await_members();
  ring.board().cut(1);
  CHECK(ring.next().kind == WorkerEvent::Kind::finished);
  CHECK(contains(ring.next().message, "rank 1 on there is lost: there was no word from it for 2 s; "));
  CHECK(comes_true([&] { return descendants_of(ring.pid_of(1)).empty(); }));
}

TEST_CASE("ranked gang: the end of the run ends the members of all ranks") {
  std::vector<pid_t> pids;
  {
    GangRing ring({{5, endless}});
    ring.deal(0);
    ring.await_members();
    for (const uint32_t rank : {1U, 2U})
      for (const pid_t pid : ring.below(rank)) pids.push_back(pid);
  }
  CHECK(pids.size() == 8);
  for (const pid_t pid : pids) CHECK(comes_true([&] { return has_ended(pid); }));
}
