#include "runner/platform/held_signals.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/platform/clock.h"
#include "runner/platform/inherited_signals.h"

using namespace sweepd;

TEST_CASE("held signals: a signal that came is noticed once and does nothing else") {
  HeldSignals signals;
  const int64_t began_ns = monotonic_ns();
  signals.look();
  CHECK_FALSE(signals.any_came(began_ns));
  kill(getpid(), SIGTERM);
  signals.look();
  CHECK(signals.came(SIGTERM, began_ns));
  CHECK_FALSE(signals.came(SIGUSR1, began_ns));
  CHECK(signals.any_came(began_ns));
  CHECK_FALSE(signals.came(SIGTERM, monotonic_ns()));
  const int64_t later_ns = monotonic_ns();
  signals.look();
  CHECK_FALSE(signals.any_came(later_ns));
}

TEST_CASE("held signals: several are noticed in one look, also those that are ignored") {
  const auto before = signal(SIGUSR1, SIG_IGN);
  {
    HeldSignals signals;
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGHUP);
    signals.look();
    CHECK(signals.came(SIGUSR1, 0));
    CHECK(signals.came(SIGHUP, 0));
  }
  signal(SIGUSR1, before);
}

TEST_CASE("held signals: what was ignored or blocked when sweepd was started asks for nothing") {
  const auto bit = [](int number) { return uint64_t{1} << (number - 1); };
  const auto before = signal(SIGHUP, SIG_IGN);
  assume_inherited_signals({.ignored = bit(SIGHUP), .blocked = bit(SIGUSR2)});
  {
    HeldSignals signals;
    kill(getpid(), SIGHUP);
    kill(getpid(), SIGTERM);
    signals.look();
    CHECK_FALSE(signals.came(SIGHUP, 0));
    CHECK(signals.came(SIGTERM, 0));
  }
  assume_inherited_signals({});
  signal(SIGHUP, before);
}

TEST_CASE("held signals: what nobody looked for does not strike at the end") {
  {
    const HeldSignals signals;
    kill(getpid(), SIGTERM);
  }
  CHECK(true);  // this process is still there
}

TEST_CASE("held signals: a look waits for a signal that is yet to come") {
  HeldSignals signals;
  const pid_t self = getpid();
  const pid_t child = fork();
  if (child == 0) {
    usleep(20'000);
    kill(self, SIGUSR2);
    _exit(0);
  }
  signals.look(std::chrono::seconds(60));
  CHECK(signals.came(SIGUSR2, 0));
  waitpid(child, nullptr, 0);
}

TEST_CASE("held signals: which signals ask to stop") {
  CHECK(is_stop_signal(SIGTERM));
  CHECK_FALSE(is_stop_signal(SIGKILL));
  CHECK_FALSE(is_stop_signal(SIGSEGV));
  CHECK_FALSE(is_stop_signal(0));
}
