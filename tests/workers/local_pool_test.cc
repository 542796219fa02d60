#include "workers/start/local_pool.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/spaces.h"
#include "runner/platform/process_tree.h"
#include "tests/temporary_folder.h"

using namespace sweepd;
using namespace std::chrono_literals;

namespace {

/// A sweep of shell commands in a folder of its own, and a pool of one forked worker for it.
class Bench {
 public:
  explicit Bench(const std::string& shell) {
    std::filesystem::create_directories(folder_ / "out/chunks");
    sweep_.task = CommandTask{{.start = ShellText{shell}}};
    sweep_.task_text = "{}";
    sweep_.directory = folder_.path();
    sweep_.space =
        *make_range("i", Value::of(int64_t{0}), Value::of(int64_t{100}), Value::of(int64_t{1}), {});
    Post post;
    post.context.share.bound = false;
    auto pool = LocalPool::start({.sweep = sweep_,
                                  .sweep_directory = folder_ / "out",
                                  .staging = folder_ / "out",
                                  .method = StartMethod::fork,
                                  .posts = {post}});
    REQUIRE(pool);
    pool_ = std::move(*pool);
  }

  LocalPool& pool() { return *pool_; }
  bool has(const std::string& name) const { return std::filesystem::exists(folder_ / name); }
  void make(const std::string& name) const { std::ofstream(folder_ / name) << "x"; }
  pid_t number_in(const std::string& name) const {
    pid_t number = 0;
    std::ifstream(folder_ / name) >> number;
    return number;
  }

  /// The next event; fails after a minute without one.
  WorkerEvent next() {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (news_.empty() && std::chrono::steady_clock::now() < deadline)
      for (WorkerEvent& event : pool_->poll(100ms)) news_.push_back(std::move(event));
    REQUIRE_FALSE(news_.empty());
    const WorkerEvent event = news_.front();
    news_.erase(news_.begin());
    return event;
  }

 private:
  TemporaryFolder folder_;
  Sweep sweep_;
  std::unique_ptr<LocalPool> pool_;
  std::vector<WorkerEvent> news_;
};

bool comes_true(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!condition() && std::chrono::steady_clock::now() < deadline) usleep(1000);
  return condition();
}

/// Whether all processes below this one but the starter are stopped; or ended, or waiting in vfork(2) for a
/// child that is stopped.
bool all_are_stopped() {
  std::vector<pid_t> processes = descendants_of(getpid());
  if (processes.size() < 3) return false;
  processes.erase(processes.begin());
  return std::ranges::all_of(processes, [](pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    const size_t name_end = text.rfind(") ");
    return name_end != std::string::npos &&
           std::string_view("TZD").find(text[name_end + 2]) != std::string_view::npos;
  });
}

}  // namespace

TEST_CASE("local pool: suspended workers and their commands stand still until they are resumed") {
  Bench bench("touch begun; until [ -e go ]; do sleep 0.01; done");
  REQUIRE(bench.next().kind == WorkerEvent::Kind::ready);
  bench.pool().assign({.chunk = {0, 1}}, 1);
  REQUIRE(comes_true([&] { return bench.has("begun"); }));
  bench.pool().suspend();
  CHECK(comes_true(all_are_stopped));
  bench.make("go");
  CHECK(bench.pool().poll(200ms).empty());
  bench.pool().resume();
  CHECK(bench.next().kind == WorkerEvent::Kind::finished);
}

TEST_CASE("local pool: a suspended pool can be ended") {
  Bench bench("touch begun; sleep 1000");
  REQUIRE(bench.next().kind == WorkerEvent::Kind::ready);
  bench.pool().assign({.chunk = {0, 1}}, 1);
  REQUIRE(comes_true([&] { return bench.has("begun"); }));
  bench.pool().suspend();
}

TEST_CASE("local pool: a worker that others killed is told from one that was killed here") {
  Bench bench("echo $PPID > pid.new; mv pid.new pid; exec sleep 1000");
  REQUIRE(bench.next().kind == WorkerEvent::Kind::ready);
  bench.pool().assign({.chunk = {0, 1}}, 1);
  REQUIRE(comes_true([&] { return bench.has("pid"); }));
  kill(bench.number_in("pid"), SIGKILL);
  const WorkerEvent death = bench.next();
  REQUIRE(death.kind == WorkerEvent::Kind::died);
  CHECK(death.message.find("killed by signal 9 (SIGKILL), which sweepd did not send") == 0);
  CHECK(death.in_hand == 0);
  REQUIRE(bench.next().kind == WorkerEvent::Kind::ready);
  bench.pool().kill(WorkerId{0});
  CHECK(bench.next().message == "killed by signal 9 (SIGKILL)");
}

TEST_CASE("local pool: what a killed starter leaves is gone when its death is told") {
  Bench bench("echo $$ > pid.new; mv pid.new pid; exec sleep 1000");
  REQUIRE(bench.next().kind == WorkerEvent::Kind::ready);
  bench.pool().assign({.chunk = {0, 1}}, 1);
  REQUIRE(comes_true([&] { return bench.has("pid"); }));
  const pid_t starter = children_of_this_process().front();
  kill(starter, SIGKILL);
  CHECK(bench.next().kind == WorkerEvent::Kind::broken);
  CHECK_FALSE(has_children());
  CHECK(kill(bench.number_in("pid"), 0) != 0);
}

TEST_CASE("local pool: children that this process had before are left alone") {
  const pid_t stranger = fork();
  if (stranger == 0)
    while (true) pause();
  { const Bench bench("true"); }
  CHECK(kill(stranger, 0) == 0);
  end_all_children();
}
