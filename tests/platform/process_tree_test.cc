#include "runner/platform/process_tree.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <string>
#include <vector>

#include "runner/platform/unique_fd.h"

using namespace sweepd;

namespace {

/// Where processes of a test say their numbers.
class Register {
 public:
  Register() {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    in_.reset(ends[0]);
    out_.reset(ends[1]);
  }
  void sign() const {
    const pid_t pid = getpid();
    if (write(out_.get(), &pid, sizeof pid) != sizeof pid) _exit(1);
  }
  pid_t next() const {
    pid_t pid = 0;
    REQUIRE(read(in_.get(), &pid, sizeof pid) == sizeof pid);
    return pid;
  }

 private:
  UniqueFd in_;
  UniqueFd out_;
};

[[noreturn]] void sleep_for_ever() {
  while (true) pause();
}

/// A child that has a child of its own; both sleep. Their numbers, the child's first.
std::array<pid_t, 2> start_family() {
  const Register numbers;
  const pid_t child = fork();
  if (child == 0) {
    if (fork() == 0) {
      numbers.sign();
      sleep_for_ever();
    }
    sleep_for_ever();
  }
  return {child, numbers.next()};
}

/// A daemon: its parents have ended, and it is in a session of its own, deaf to polite signals.
pid_t start_daemon() {
  const Register numbers;
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    if (fork() == 0) {
      signal(SIGTERM, SIG_IGN);
      numbers.sign();
      sleep_for_ever();
    }
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  return numbers.next();
}

bool is_gone(pid_t pid) { return kill(pid, 0) != 0 && errno == ESRCH; }

/// 'S' for one that sleeps, 'T' for a stopped one.
char state_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const size_t name_end = text.rfind(") ");
  return name_end == std::string::npos ? '?' : text[name_end + 2];
}

/// A signal takes effect a moment after kill(2); false if it has not within a minute.
bool comes_to(pid_t pid, char state) {
  for (int i = 0; i < 60'000 && state_of(pid) != state; ++i) usleep(1000);
  return state_of(pid) == state;
}

bool contains(const std::vector<pid_t>& processes, pid_t pid) {
  return std::ranges::find(processes, pid) != processes.end();
}

}  // namespace

TEST_CASE("process tree: descendants are found, parents first, by either way") {
  const auto [child, grandchild] = start_family();
  for (const auto& found : {descendants_of(getpid()), descendants_by_parents(getpid())}) {
    REQUIRE(contains(found, child));
    REQUIRE(contains(found, grandchild));
    CHECK(std::ranges::find(found, child) < std::ranges::find(found, grandchild));
  }
  CHECK(descendants_of(child) == std::vector{grandchild});
  CHECK(descendants_of(grandchild).empty());
  CHECK(children_of_this_process() == std::vector{child});
  CHECK(has_children());
  adopt_orphans();
  end_all_children();
}

TEST_CASE("process tree: all children and what is below them are killed and reaped") {
  adopt_orphans();
  const auto [child, grandchild] = start_family();
  end_all_children();
  CHECK(is_gone(child));
  CHECK(is_gone(grandchild));
  CHECK_FALSE(has_children());
}

TEST_CASE("process tree: a daemon comes to this process and is killed as well") {
  adopt_orphans();
  const pid_t daemon = start_daemon();
  CHECK(children_of_this_process() == std::vector{daemon});
  end_all_children();
  CHECK(is_gone(daemon));
}

TEST_CASE("process tree: spared children and theirs live on") {
  adopt_orphans();
  const auto [child, grandchild] = start_family();
  const pid_t daemon = start_daemon();
  end_all_children(std::array{child});
  CHECK(is_gone(daemon));
  CHECK_FALSE(is_gone(child));
  CHECK_FALSE(is_gone(grandchild));
  end_all_children();
  CHECK(is_gone(grandchild));
}

TEST_CASE("process tree: a stopped process is killed too") {
  adopt_orphans();
  const auto [child, grandchild] = start_family();
  kill(child, SIGSTOP);
  end_all_children();
  CHECK(is_gone(child));
  CHECK(is_gone(grandchild));
}

TEST_CASE("process tree: descendants are stopped and continued") {
  adopt_orphans();
  const auto [child, grandchild] = start_family();
  stop_descendants();
  CHECK(comes_to(child, 'T'));
  CHECK(comes_to(grandchild, 'T'));
  continue_descendants();
  CHECK(comes_to(child, 'S'));
  CHECK(comes_to(grandchild, 'S'));
  end_all_children();
}

TEST_CASE("process tree: without children there is nothing to end") {
  end_all_children();
  CHECK_FALSE(has_children());
  CHECK(children_of_this_process().empty());
}
