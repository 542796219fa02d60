#include "runner/platform/stop_signals.h"

#include <unistd.h>

namespace sweepd {
namespace {

// A signal's action can reach nothing but globals.
volatile sig_atomic_t received[32] = {};
volatile sig_atomic_t pause_received = 0;

constexpr int stop_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};

extern "C" void note_stop_signal(int number) { received[number] = received[number] + 1; }

extern "C" void note_pause_signal(int) { pause_received = 1; }

/// Shells without job control, and nohup's like, have it ignored; then it stays so.
bool is_ignored(int number) {
  struct sigaction action {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

StopSignals::StopSignals() {
  pause_received = 0;
  for (const int number : stop_signals) received[number] = 0;
  sigset_t blocked;
  sigemptyset(&blocked);
  struct sigaction action {};
  action.sa_handler = note_stop_signal;
  for (const int number : stop_signals) {
    sigaddset(&blocked, number);
    sigaction(number, &action, nullptr);
  }
  action.sa_handler = note_pause_signal;
  sigaddset(&blocked, SIGTSTP);
  if (!is_ignored(SIGTSTP)) sigaction(SIGTSTP, &action, nullptr);
  sigprocmask(SIG_BLOCK, &blocked, &mask_before_);
}

StopSignals::~StopSignals() {
  for (const int number : stop_signals) {
    signal(number, SIG_IGN);  // drops what waits to be let in: it has been answered
    signal(number, SIG_DFL);
  }
  if (!is_ignored(SIGTSTP)) signal(SIGTSTP, SIG_DFL);
  sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

int StopSignals::count(int number) const {
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
