// StopSignals: how often a person or the batch system has asked this process to stop.
#pragma once

#include <signal.h>

namespace sweepd {

/// While it lives, SIGINT, SIGTERM, SIGHUP and SIGUSR1 are counted instead of ending the process. They are
/// blocked but where a wait lets them in (ppoll with an empty mask), so none is lost between a look and a
/// wait. One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int count() const;
  /// The last one's number; 0 before the first.
  int last() const;

 private:
  sigset_t mask_before_;
};

}  // namespace sweepd
