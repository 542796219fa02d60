#include "runner/platform/roomy_stack.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

using namespace sweepd;

namespace {

/// Needs half a mebibyte, throws and catches.
int dig(int depth, char** words) {
  volatile char room[1024] = {};
  if (depth > 0) return dig(depth - 1, words) + room[depth];
  try {
    throw std::runtime_error("caught");
  } catch (const std::exception&) {
    return 42;
  }
}

}  // namespace

TEST_CASE("roomy stack: under a small limit of the stack there is room all the same, and the limit stays") {
  const pid_t pid = fork();
  if (pid == 0) {
    rlimit limit{};
    getrlimit(RLIMIT_STACK, &limit);
    limit.rlim_cur = 64 * 1024;
    setrlimit(RLIMIT_STACK, &limit);
    const int result = call_with_roomy_stack(dig, 500, nullptr);
    getrlimit(RLIMIT_STACK, &limit);
    _exit(limit.rlim_cur == 64 * 1024 ? result : 1);
  }
  int status = -1;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
}
