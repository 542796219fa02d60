// Rank 0's pool with agents in processes of their own.
#include "workers/start/ranks/ranked_pool.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "runner/core/spaces.h"
#include "runner/platform/process_tree.h"
#include "tests/ranks/ring.h"

using namespace sweepd;
using namespace std::chrono_literals;

namespace {

Ring::Staff staff_of(uint32_t workers) {
  Ring::Staff staff{.crew = {.host = "there"}};
  for (uint32_t slot = 0; slot < workers; ++slot) {
    const WorkerShare share{.cpus = {slot}, .bound = false};
    staff.posts.push_back({.context = {.worker = WorkerId{slot}, .share = share}, .slot = WorkerId{slot}});
    staff.crew.cpus.push_back(share.cpus);
  }
  return staff;
}

/// A sweep of shell commands over three ranks: rank 0 with one worker, the others with two each.
class ShellRing : public Ring {
 public:
  explicit ShellRing(const std::string& shell)
      : Ring(task_of(shell),
             *make_range("i", Value::of(int64_t{0}), Value::of(int64_t{100}), Value::of(int64_t{1}), {}),
             {staff_of(1), staff_of(2), staff_of(2)}) {}

 private:
  static CommandTask task_of(const std::string& shell) { return {{.start = ShellText{shell}}}; }
};

int exit_status_of(pid_t pid) {
  int status = -1;
  REQUIRE(comes_true([&] { return waitpid(pid, &status, WNOHANG) == pid; }));
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

TEST_CASE("ranked pool: workers of all ranks report, and run what they are given") {
  ShellRing ring("echo $SWEEPD_WORKER >> $i.ran");
  REQUIRE(ring.pool().size() == 5);
  ring.await_ready();
  for (uint32_t worker = 0; worker < 5; ++worker)
    ring.pool().assign({.worker = WorkerId{worker}, .chunk = {worker * 10, worker * 10 + 2}}, worker + 1);
  std::vector<bool> seen(5);
  for (int count = 0; count < 5; ++count) {
    const WorkerEvent event = ring.next();
    REQUIRE(event.kind == WorkerEvent::Kind::finished);
    CHECK(event.report.lease == event.worker.number + 1);
    CHECK(event.report.until == event.worker.number * 10 + 2);
    seen[event.worker.number] = true;
    CHECK(std::filesystem::exists(ring.path(std::to_string(event.worker.number * 10) + ".ran")));
  }
  CHECK(std::ranges::count(seen, true) == 5);
}

TEST_CASE("ranked pool: chunks end early on all ranks where they are asked to") {
  ShellRing ring("echo x >> $SWEEPD_WORKER.begun; sleep 0.3");
  ring.await_ready();
  for (uint32_t worker = 0; worker < 5; ++worker)
    ring.pool().assign({.worker = WorkerId{worker}, .chunk = {worker * 10, worker * 10 + 9}}, worker + 1);
  for (uint32_t worker = 0; worker < 5; ++worker)
    REQUIRE(
        comes_true([&] { return std::filesystem::exists(ring.path(std::to_string(worker) + ".begun")); }));
  ring.pool().end_chunks(4);
  for (int count = 0; count < 5; ++count) {
    const WorkerEvent event = ring.next();
    REQUIRE(event.kind == WorkerEvent::Kind::finished);
    CHECK((event.report.until == event.worker.number * 10 + 9) == (event.worker.number == 4));
  }
}

TEST_CASE("ranked pool: what a worker elsewhere does is known a moment later") {
  ShellRing ring("sleep 1000");
  ring.await_ready();
  ring.pool().assign({.worker = WorkerId{4}, .chunk = {7, 9}}, 3);
  REQUIRE(comes_true([&] {
    ring.pool().poll(10ms);
    return ring.pool().progress(WorkerId{4}).in_hand == 7;
  }));
  CHECK(ring.pool().progress(WorkerId{4}).lease == 3);
  CHECK(ring.pool().progress(WorkerId{3}).in_hand == std::nullopt);
}

TEST_CASE("ranked pool: a worker elsewhere that is killed is told, with its point, and replaced") {
  ShellRing ring("sleep 1000");
  ring.await_ready();
  ring.pool().assign({.worker = WorkerId{3}, .chunk = {7, 9}}, 1);
  REQUIRE(comes_true([&] {
    ring.pool().poll(10ms);
    return ring.pool().progress(WorkerId{3}).in_hand == 7;
  }));
  ring.pool().kill(WorkerId{3});
  const WorkerEvent death = ring.next();
  CHECK(death.kind == WorkerEvent::Kind::died);
  CHECK(death.worker.number == 3);
  CHECK(death.in_hand == 7);
  CHECK(ring.next().kind == WorkerEvent::Kind::ready);
}

TEST_CASE("ranked pool: what is dealt to a worker that has just died is not for the one in its place") {
  ShellRing ring("true");
  ring.await_ready();
  const auto workers = [&] {
    std::vector<pid_t> pids = descendants_of(ring.pid_of(1));  // its starter, and two workers
    pids.erase(pids.begin());
    std::ranges::sort(pids);
    return pids;
  };
  const std::vector<pid_t> before = workers();
  REQUIRE(before.size() == 2);
  for (const pid_t pid : before) kill(pid, SIGKILL);
  REQUIRE(comes_true([&] {
    const auto now = workers();
    return now.size() == 2 && std::ranges::find_first_of(now, before) == now.end();
  }));
  // Nothing of it has been heard here yet.
  for (const uint32_t worker : {1U, 2U})
    ring.pool().assign({.worker = WorkerId{worker}, .chunk = {worker, worker + 1}}, worker);
  for (const uint32_t worker : {1U, 2U}) ring.pool().kill(WorkerId{worker});
  std::vector<WorkerEvent::Kind> kinds;
  for (int count = 0; count < 4; ++count) kinds.push_back(ring.next().kind);
  CHECK(std::ranges::count(kinds, WorkerEvent::Kind::died) == 2);
  CHECK(std::ranges::count(kinds, WorkerEvent::Kind::ready) == 2);
  for (const uint32_t worker : {1U, 2U})
    ring.pool().assign({.worker = WorkerId{worker}, .chunk = {worker + 10, worker + 11}}, worker + 10);
  for (int count = 0; count < 2; ++count) {
    const WorkerEvent event = ring.next();
    CHECK(event.kind == WorkerEvent::Kind::finished);
    CHECK(event.report.lease > 10);
  }
}

TEST_CASE("ranked pool: a rank whose agent is killed is gone with all its workers, and the others go on") {
  ShellRing ring("true");
  ring.await_ready();
  kill(ring.pid_of(2), SIGKILL);
  const WorkerEvent first = ring.next();
  CHECK(first.kind == WorkerEvent::Kind::gone);
  CHECK(first.worker.number == 3);
  CHECK(first.message == "rank 2 on there is lost: its process has ended");
  CHECK(ring.next().worker.number == 4);
  ring.pool().assign({.worker = WorkerId{2}, .chunk = {0, 1}}, 1);
  CHECK(ring.next().kind == WorkerEvent::Kind::finished);
}

TEST_CASE("ranked pool: a rank that is silent is given up, and ends by itself") {
  ShellRing ring("true");
  ring.await_ready();
  ring.board().cut(1);
  const WorkerEvent first = ring.next();
  CHECK(first.kind == WorkerEvent::Kind::gone);
  CHECK(first.message == "rank 1 on there is lost: there was no word from it for 2 s");
  CHECK(exit_status_of(ring.pid_of(1)) == 3);
}

TEST_CASE("ranked pool: a rank that has nothing to say for a long time is not given up") {
  ShellRing ring("true");
  ring.await_ready();
  const auto end = std::chrono::steady_clock::now() + 2 * ring_silence;
  while (std::chrono::steady_clock::now() < end) CHECK(ring.pool().poll(100ms).empty());
}

TEST_CASE("ranked pool: its end ends all ranks and what they run") {
  pid_t pids[2];
  {
    ShellRing ring("touch begun; sleep 1000");
    ring.await_ready();
    pids[0] = ring.pid_of(1);
    pids[1] = ring.pid_of(2);
    ring.pool().assign({.worker = WorkerId{4}, .chunk = {0, 1}}, 1);
    REQUIRE(comes_true([&] { return std::filesystem::exists(ring.path("begun")); }));
  }
  for (const pid_t pid : pids) CHECK(kill(pid, 0) != 0);
}
