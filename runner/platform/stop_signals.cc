#include "runner/platform/stop_signals.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>

#include "runner/platform/clock.h"
#include "runner/platform/inherited_signals.h"

namespace sweepd {
namespace {

// A signal's action can reach nothing but globals.
volatile sig_atomic_t received[32] = {};
volatile sig_atomic_t pause_received = 0;

constexpr int stop_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};

extern "C" void note_stop_signal(int number) { received[number] = received[number] + 1; }

extern "C" void note_pause_signal(int) { pause_received = 1; }

}  // namespace

StopSignals::StopSignals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGTSTP})
    if (!inherited_signals().holds_off(number)) handled_.push_back(number);
  pause_received = 0;
  sigset_t blocked;
  sigemptyset(&blocked);
  struct sigaction action {};
  for (const int number : handled_) {
    received[number] = 0;
    action.sa_handler = number == SIGTSTP ? note_pause_signal : note_stop_signal;
    sigaddset(&blocked, number);
    sigaction(number, &action, nullptr);
  }
  sigprocmask(SIG_BLOCK, &blocked, &mask_before_);
}

StopSignals::~StopSignals() {
  for (const int number : handled_) {
    signal(number, SIG_IGN);  // drops what waits to be let in: it has been answered
    signal(number, SIG_DFL);
  }
  sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

void StopSignals::wait(std::chrono::nanoseconds limit) const {
  const timespec time = as_timespec(limit);
  const sigset_t mask = inherited_signals().mask();
  ppoll(nullptr, 0, &time, &mask);
}

int StopSignals::count(int number) const {
  if (std::ranges::find(handled_, number) == handled_.end()) return 0;
  // Those that wait to be let in have come, too.
  sigset_t pending;
  const bool waits = sigpending(&pending) == 0 && sigismember(&pending, number) == 1;
  return received[number] + (waits ? 1 : 0);
}

int StopSignals::count() const {
  int sum = 0;
  for (const int number : stop_signals) sum += count(number);
  return sum;
}

bool StopSignals::pause_requested() const { return pause_received != 0; }

void StopSignals::pause() {
  pause_received = 0;
  kill(getpid(), SIGSTOP);
}

}  // namespace sweepd
