#include "workers/start/tickets.h"

#include "workers/start/starter.h"
#include "workers/start/ticket_json.h"

namespace sweepd {

SweepTicket ticket_of(const Staffing& staffing) {
  return {staffing.sweep_directory, staffing.staging, staffing.sweep.file, staffing.sweep.fingerprint(),
          staffing.code};
}

std::string bytes_of(const WorkerTicket& ticket) { return cbor_of(ticket); }

Result<WorkerTicket> parse_worker_ticket(std::string_view bytes) { return parse_cbor<WorkerTicket>(bytes); }

}  // namespace sweepd
