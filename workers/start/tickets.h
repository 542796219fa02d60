// Tickets: what a process of a run is told that has not inherited it: a spawned worker, or another rank. They
// travel as CBOR, whose texts are not checked: paths may be any bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runner/core/error.h"
#include "runner/platform/inherited_signals.h"
#include "workers/post.h"

namespace sweepd {

/// Which sweep is at work, and where.
struct SweepTicket {
  std::string directory;  ///< the sweep directory, absolute
  std::string staging;    ///< the run's own folder in it, absolute
  std::string file;       ///< the sweep file's path
  std::string fingerprint;
  uint32_t code = 0;  ///< the number that records tell
};

struct Staffing;
SweepTicket ticket_of(const Staffing& staffing);

/// Which worker a spawned process is.
struct WorkerTicket {
  SweepTicket sweep;
  Post post;
  uint32_t workers = 0;      ///< of its agent
  InheritedSignals signals;  ///< of the run
};

std::string bytes_of(const WorkerTicket& ticket);
/// Fails on what is no ticket.
Result<WorkerTicket> parse_worker_ticket(std::string_view bytes);

}  // namespace sweepd
