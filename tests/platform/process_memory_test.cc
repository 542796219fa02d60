#include "runner/platform/process_memory.h"

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "runner/platform/process_tree.h"

using namespace sweepd;

namespace {

constexpr uint64_t mib = uint64_t{1} << 20;

/// Touched memory, given back at the end.
class Memory {
 public:
  explicit Memory(size_t bytes)
      : bytes_(bytes), at_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    REQUIRE(at_ != MAP_FAILED);
    std::memset(at_, 1, bytes_);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { munmap(at_, bytes_); }

 private:
  size_t bytes_;
  void* at_;
};

pid_t start_sleeper() {
  const pid_t child = fork();
  if (child == 0)
    while (true) pause();
  return child;
}

/// Runs in another's memory and may be killed at any moment, so it must hold no lock then: AddressSanitizer
/// would take one, to say that this stack is strange to it.
__attribute__((no_sanitize("address", "thread", "undefined"))) int sleep_for_ever(void*) {
  while (true) syscall(SYS_ppoll, nullptr, 0, nullptr, nullptr, 0);
  return 0;
}

}  // namespace

TEST_CASE("process memory: what a process has touched is resident") {
  const pid_t self = getpid();
  const uint64_t before = resident_bytes({&self, 1});
  const Memory memory(64 * mib);
  const uint64_t after = resident_bytes({&self, 1});
  CHECK(before > 0);
  CHECK(after >= before + 60 * mib);
  CHECK(proportional_bytes({&self, 1}) >= 60 * mib);
}

TEST_CASE("process memory: pages that forked processes share count once by share") {
  const Memory memory(64 * mib);
  const std::vector<pid_t> processes = {start_sleeper(), start_sleeper(), start_sleeper()};
  CHECK(resident_bytes(processes) >= 3 * 60 * mib);
  CHECK(proportional_bytes(processes) < 100 * mib);  // the test's own share is left out
  end_all_children();
}

TEST_CASE("process memory: a process that runs in another's memory does not count twice") {
  const Memory memory(64 * mib);
  static char stack[64 * 1024];
  const pid_t twin = clone(sleep_for_ever, stack + sizeof stack, CLONE_VM | SIGCHLD, nullptr);
  REQUIRE(twin > 0);
  const std::vector<pid_t> both = {getpid(), twin};
  const uint64_t once = resident_bytes({both.data(), 1});
  CHECK(resident_bytes(both) < once + once / 2);
  CHECK(proportional_bytes(both) < once + once / 2);
  end_all_children();
}

TEST_CASE("process memory: one that has ended uses none") {
  const pid_t child = start_sleeper();
  end_all_children();
  CHECK(resident_bytes({&child, 1}) == 0);
  CHECK(proportional_bytes({&child, 1}) == 0);
}
