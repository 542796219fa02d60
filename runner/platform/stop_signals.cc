#include "runner/platform/stop_signals.h"

namespace sweepd {
namespace {

// A signal's action can reach nothing but globals.
volatile sig_atomic_t received_count = 0;
volatile sig_atomic_t received_last = 0;

constexpr int stop_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

extern "C" void note_stop_signal(int number) {
  received_count = received_count + 1;
  received_last = number;
}

}  // namespace

StopSignals::StopSignals() {
  received_count = 0;
  received_last = 0;
  sigset_t blocked;
  sigemptyset(&blocked);
  struct sigaction action {};
  action.sa_handler = note_stop_signal;
  for (const int number : stop_signals) {
    sigaddset(&blocked, number);
    sigaction(number, &action, nullptr);
  }
  sigprocmask(SIG_BLOCK, &blocked, &mask_before_);
}

StopSignals::~StopSignals() {
  for (const int number : stop_signals) signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

int StopSignals::count() const { return received_count; }
int StopSignals::last() const { return received_last; }

}  // namespace sweepd
