#include "runner/platform/inherited_signals.h"

namespace sweepd {
namespace {

constexpr int last_signal = 64;

// A fact of the process, as its affinity is; set once, before there is anything else.
InheritedSignals noted;

bool is_ignored(int number) {
  struct sigaction action {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

sigset_t InheritedSignals::mask() const {
  sigset_t set;
  sigemptyset(&set);
  for (int number = 1; number <= last_signal; ++number)
    if ((blocked >> (number - 1) & 1) != 0) sigaddset(&set, number);
  return set;
}

void note_inherited_signals() {
  InheritedSignals found;
  sigset_t mask;
  sigprocmask(SIG_SETMASK, nullptr, &mask);
  for (int number = 1; number <= last_signal; ++number) {
    const uint64_t bit = uint64_t{1} << (number - 1);
    if (is_ignored(number)) found.ignored |= bit;
    if (sigismember(&mask, number) == 1) found.blocked |= bit;
  }
  noted = found;
  if (found.ignores(SIGCHLD)) signal(SIGCHLD, SIG_DFL);
}

void assume_inherited_signals(const InheritedSignals& inherited) { noted = inherited; }

const InheritedSignals& inherited_signals() { return noted; }

void restore_inherited_signals() {
  for (int number = 1; number <= last_signal; ++number)
    signal(number, noted.ignores(number) ? SIG_IGN : SIG_DFL);
  const sigset_t mask = noted.mask();
  sigprocmask(SIG_SETMASK, &mask, nullptr);
}

}  // namespace sweepd
