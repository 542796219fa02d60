// StopSignals: how often a person or the batch system has asked this process to stop, and whether to pause.
#pragma once

#include <signal.h>

#include <chrono>
#include <vector>

namespace sweepd {

/// From now on this process ends with `status` when one of the signals below comes; for as long as there is
/// nothing to leave in order.
void end_on_stop_signals(int status);

/// While it lives, SIGINT, SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 are counted instead of ending the process,
/// and SIGTSTP is noted instead of stopping it; but those that were ignored or blocked when sweepd was
/// started (nohup) stay so. They are blocked but where a wait lets them in (ppoll with the inherited mask),
/// so none is lost between a look and a wait. From its end on they are ignored: what was asked to stop is
/// over. One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// How often this one came.
  int count(int number) const;
  /// How often any of them did.
  int count() const;
  /// Whether SIGTSTP came since the last pause(), and no SIGCONT after it.
  bool pause_requested() const;
  /// Lets them in for at most so long; returns early where one comes.
  void wait(std::chrono::nanoseconds limit) const;
  /// Stops this process, as SIGTSTP would have done, until SIGCONT; not where that has come already.
  void pause();

 private:
  std::vector<int> handled_;
  sigset_t mask_before_{};
};

}  // namespace sweepd
