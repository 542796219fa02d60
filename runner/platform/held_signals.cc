#include "runner/platform/held_signals.h"

#include <algorithm>

#include "runner/platform/clock.h"
#include "runner/platform/inherited_signals.h"

namespace sweepd {
namespace {

constexpr int stop_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGQUIT};

}  // namespace

HeldSignals::HeldSignals() {
  sigemptyset(&held_);
  for (const int number : stop_signals)
    if (!inherited_signals().holds_off(number)) sigaddset(&held_, number);
  sigprocmask(SIG_BLOCK, &held_, &mask_before_);
}

HeldSignals::~HeldSignals() {
  look();  // what was held back is not to strike now
  sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

void HeldSignals::look(std::chrono::nanoseconds patience) {
  timespec wait = as_timespec(patience);
  for (int number = 0; (number = sigtimedwait(&held_, nullptr, &wait)) > 0; wait = {})
    noticed_ns_.at(static_cast<size_t>(number)) = monotonic_ns();
}

bool HeldSignals::came(int number, int64_t since_ns) const {
  return noticed_ns_.at(static_cast<size_t>(number)) >= std::max<int64_t>(since_ns, 1);
}

bool HeldSignals::any_came(int64_t since_ns) const {
  return std::any_of(std::begin(stop_signals), std::end(stop_signals),
                     [&](int number) { return came(number, since_ns); });
}

bool is_stop_signal(int number) {
  return std::find(std::begin(stop_signals), std::end(stop_signals), number) != std::end(stop_signals);
}

}  // namespace sweepd
