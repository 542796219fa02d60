#include "runner/platform/patience.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <initializer_list>
#include <thread>

#include "runner/platform/atomic_file.h"
#include "runner/platform/clock.h"
#include "tests/temporary_folder.h"

namespace sweepd {
namespace {

/// A call that fails some times before it succeeds.
struct Call {
  int fails = 0;
  int error = ESTALE;
  int calls = 0;

  int operator()() {
    if (++calls > fails) return 7;
    errno = error;
    return -1;
  }
};

TEST_CASE("patience: a call that a stale name fails is tried again until it succeeds") {
  Call call{.fails = 4};
  CHECK(retry_stale([&] { return call(); }) == 7);
  CHECK(call.calls == 5);
}

TEST_CASE("patience: any other failure is told at once") {
  for (const int error : {ENOENT, EIO, EACCES}) {
    Call call{.fails = 4, .error = error};
    CHECK(retry_stale([&] { return call(); }) == -1);
    CHECK(errno == error);
    CHECK(call.calls == 1);
  }
}

TEST_CASE("patience: a name that stays stale is given up after one to two seconds, with errno as it was") {
  Call call{.fails = 1000};
  const int64_t began_ns = monotonic_ns();
  CHECK(retry_stale([&] { return call(); }) == -1);
  CHECK(errno == ESTALE);
  const int64_t took_ms = (monotonic_ns() - began_ns) / 1'000'000;
  CHECK(took_ms > 1000);
  CHECK(call.calls < 20);
}

TEST_CASE(
    "patience: a rename into a folder that is not there yet waits for it; one of no file fails at once") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder / "from", folder.path(), "text"));
  std::thread other_host([&folder] {
    Patience pauses;
    for (int i = 0; i < 4; ++i) pauses.wait();
    std::filesystem::create_directory(folder / "to");
  });
  CHECK(rename_patiently(folder / "from", folder / "to/name") == 0);
  other_host.join();
  CHECK(std::filesystem::exists(folder / "to/name"));
  const int64_t began_ns = monotonic_ns();
  CHECK(rename_patiently(folder / "from", folder / "to/name") == -1);
  CHECK(errno == ENOENT);
  CHECK(monotonic_ns() - began_ns < 500'000'000);
}

}  // namespace
}  // namespace sweepd
