#include <fcntl.h>
#include <sys/prctl.h>

#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/requests.h"
#include "runner/cli/stored_sweep.h"
#include "runner/engine/chunk_store.h"
#include "workers/start/starter.h"
#include "workers/worker.h"

namespace sweepd {
namespace {

Post post_of(const WorkerRequest& request) {
  Post post{.bind = !request.cpus.empty(), .numa_nodes = request.nodes};
  post.slot = request.slot;
  post.context.worker = request.worker;
  post.context.cores = request.cores;
  post.context.cpus = request.cpus;
  post.context.gang_cpus = request.gang;
  return post;
}

}  // namespace

int worker_command(const WorkerRequest& request) {
  prctl(PR_SET_NAME, "sweepd-worker");
  assume_inherited_signals(request.signals);
  const UniqueFd channel(spawned_channel_fd);
  UniqueFd memory(spawned_cells_fd);
  for (const int fd : {channel.get(), memory.get()}) fcntl(fd, F_SETFD, FD_CLOEXEC);
  const auto cells = Cells::attach(std::move(memory), request.workers);
  const SweepDirectory directory(request.sweep_directory);
  auto sweep = stored_sweep(directory, request.file, request.fingerprint);
  if (!cells || !sweep) {
    report_error(cells ? sweep.error() : cells.error());
    return system_failure;
  }
  if (request.job_memory) {
    sweep->limits.memory_bytes = request.job_memory;
    sweep->limits.memory_is_of_job = true;
  }
  const auto store = ChunkStore::open(directory, RecordOrigin(*sweep));
  if (!store) {
    report_error(store.error());
    return system_failure;
  }
  return run_worker(*sweep, request.code, store->kept(), post_of(request),
                    {directory.chunks(), request.staging}, channel, *cells);
}

}  // namespace sweepd
