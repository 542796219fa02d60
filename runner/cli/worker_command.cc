#include <fcntl.h>
#include <sys/prctl.h>

#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/requests.h"
#include "runner/cli/stored_sweep.h"
#include "runner/engine/chunk_store.h"
#include "runner/platform/proc_file.h"
#include "workers/start/starter.h"
#include "workers/start/tickets.h"
#include "workers/worker.h"

namespace sweepd {
namespace {

Result<WorkerTicket> take_ticket() {
  const UniqueFd held(spawned_ticket_fd);
  const auto bytes = read_proc_file("/proc/self/fd/" + std::to_string(spawned_ticket_fd));
  return parse_worker_ticket(bytes.value_or(""));
}

Result<int> work(const WorkerTicket& ticket) {
  const UniqueFd channel(spawned_channel_fd);
  UniqueFd memory(spawned_cells_fd);
  for (const int fd : {channel.get(), memory.get()}) fcntl(fd, F_SETFD, FD_CLOEXEC);
  const auto cells = Cells::attach(std::move(memory), ticket.workers);
  if (!cells) return tl::unexpected(cells.error());
  const SweepDirectory directory(ticket.sweep.directory);
  const auto sweep = stored_sweep(directory, ticket.sweep.file, ticket.sweep.fingerprint);
  if (!sweep) return tl::unexpected(sweep.error());
  const auto store = ChunkStore::open(directory, RecordOrigin(*sweep));
  if (!store) return tl::unexpected(store.error());
  const CommonWork common{
      *sweep, store->kept(), {directory.chunks(), ticket.sweep.staging}, ticket.sweep.code};
  return run_worker(common, ticket.post, channel, *cells);
}

}  // namespace

int worker_command() {
  prctl(PR_SET_NAME, "sweepd-worker");
  const auto ticket = take_ticket();
  if (!ticket) {
    report_error(Error{"'sweepd worker' is what 'sweepd run --start spawn' starts; see 'sweepd --help'", {}});
    return wrong_request;
  }
  assume_inherited_signals(ticket->signals);
  const auto status = work(*ticket);
  if (status) return *status;
  report_error(status.error());
  return system_failure;
}

}  // namespace sweepd
