#include "runner/platform/oom_kills.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/temporary_folder.h"

using namespace sweepd;

namespace {

/// A made-up system under a folder of its own.
class FakeSystem {
 public:
  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root() + path).parent_path());
    std::ofstream(root() + path) << text;
  }
  const std::string& root() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

std::string events(int kills) {
  return "low 0\nhigh 0\nmax 3\noom 2\noom_kill " + std::to_string(kills) + "\noom_group_kill 0\n";
}

}  // namespace

TEST_CASE("oom kills: a counter of version 2 that rises is noticed once") {
  const FakeSystem system;
  system.write("/proc/self/mountinfo", "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  system.write("/proc/self/cgroup", "0::/job/step\n");
  system.write("/sys/fs/cgroup/job/step/memory.events", events(1));
  OomKills kills(system.root());
  CHECK_FALSE(kills.rose());
  system.write("/sys/fs/cgroup/job/step/memory.events", events(3));
  CHECK(kills.rose());
  CHECK_FALSE(kills.rose());
}

TEST_CASE("oom kills: a counter of version 1 is found among the other controllers") {
  const FakeSystem system;
  system.write("/proc/self/mountinfo",
               "31 24 0:27 / /cg/cpu rw - cgroup cgroup rw,cpu\n"
               "32 24 0:28 /docker/1 /cg/memory rw - cgroup cgroup rw,memory\n"
               "33 24 0:29 / /cg/unified rw - cgroup2 cgroup2 rw\n");
  system.write("/proc/self/cgroup", "5:cpu:/\n4:memory:/docker/1/job\n0::/\n");
  const auto text = [](int count) {
    return "oom_kill_disable 0\nunder_oom 0\noom_kill " + std::to_string(count) + "\n";
  };
  system.write("/cg/memory/job/memory.oom_control", text(0));
  OomKills kills(system.root());
  system.write("/cg/memory/job/memory.oom_control", text(1));
  CHECK(kills.rose());
}

TEST_CASE("oom kills: where nothing is counted nothing rises") {
  const FakeSystem system;
  OomKills none(system.root());
  CHECK_FALSE(none.rose());
  system.write("/proc/self/mountinfo", "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  system.write("/proc/self/cgroup", "0::/\n");
  system.write("/sys/fs/cgroup/memory.events", "low 0\n");
  OomKills without_counter(system.root());
  CHECK_FALSE(without_counter.rose());
}

TEST_CASE("oom kills: a volunteer is taken before others, and never less than it was") {
  const pid_t child = fork();
  if (child == 0) {
    const auto adjustment = [] {
      int now = -1;
      std::ifstream("/proc/self/oom_score_adj") >> now;
      return now;
    };
    volunteer_for_oom_kill();
    const int after_one = adjustment();
    std::ofstream("/proc/self/oom_score_adj") << 900;
    volunteer_for_oom_kill();
    _exit(after_one >= 500 && adjustment() == 900 ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}
