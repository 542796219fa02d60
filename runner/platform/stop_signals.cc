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

volatile sig_atomic_t status_of_stop = 0;

extern "C" void end_at_once(int) { _exit(status_of_stop); }

extern "C" void note_pause_signal(int number) { pause_received = number == SIGTSTP ? 1 : 0; }

bool is_pending(int number) {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, number) == 1;
}

}  // namespace

void end_on_stop_signals(int status) {
  status_of_stop = status;
  for (const int number : stop_signals)
    if (!inherited_signals().holds_off(number)) signal(number, end_at_once);
}

StopSignals::StopSignals() {
  for (const int number : stop_signals)
    if (!inherited_signals().holds_off(number)) handled_.push_back(number);
  if (!inherited_signals().holds_off(SIGTSTP)) handled_.insert(handled_.end(), {SIGTSTP, SIGCONT});
  pause_received = 0;
  sigset_t blocked;
  sigemptyset(&blocked);
  struct sigaction action {};
  for (const int number : handled_) {
    received[number] = 0;
    action.sa_handler = number == SIGTSTP || number == SIGCONT ? note_pause_signal : note_stop_signal;
    sigaddset(&blocked, number);
    sigaction(number, &action, nullptr);
  }
  sigprocmask(SIG_BLOCK, &blocked, &mask_before_);
}

StopSignals::~StopSignals() {
  for (const int number : handled_) signal(number, SIG_IGN);  // also drops what waits to be let in
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
  return received[number] + (is_pending(number) ? 1 : 0);
}

int StopSignals::count() const {
  int sum = 0;
  for (const int number : stop_signals) sum += count(number);
  return sum;
}

bool StopSignals::pause_requested() const { return pause_received != 0; }

void StopSignals::pause() {
  pause_received = 0;
  // A stop signal drops those that wait to be let in: this one came later.
  if (!is_pending(SIGCONT)) kill(getpid(), SIGSTOP);
}

}  // namespace sweepd
