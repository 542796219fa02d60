#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/requests.h"
#include "runner/cli/stored_sweep.h"
#include "runner/engine/chunk_store.h"
#include "runner/platform/system_error.h"
#include "workers/start/starter.h"
#include "workers/start/tickets.h"
#include "workers/worker.h"

namespace sweepd {
namespace {

/// None where this process was not started by a run.
std::optional<Result<WorkerTicket>> take_ticket() {
  const UniqueFd file(spawned_ticket_fd);
  struct stat status {};
  if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  std::string bytes(static_cast<size_t>(status.st_size), '\0');
  if (pread(file.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return refused("read", "what this worker is told");
  return parse_worker_ticket(bytes);
}

Result<int> work(const WorkerTicket& ticket) {
  assume_inherited_signals(ticket.signals);
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
  const auto status = ticket->and_then(work);
  if (status) return *status;
  report_error(status.error());
  return system_failure;
}

}  // namespace sweepd
