#include <fcntl.h>


#include "configs/sweep_file.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/requests.h"
#include "runner/platform/atomic_file.h"
#include "workers/start/starter.h"
#include "workers/worker.h"

namespace sweepd {
namespace {

Post post_of(const WorkerRequest& request) {
  Post post{.bind = !request.cpus.empty(), .numa_nodes = request.nodes};
  post.context.worker = request.worker;
  post.context.cores = request.cores;
  post.context.cpus = request.cpus;
  post.context.gang_cpus = request.gang;
  return post;
}

/// The sweep as the sweep directory has it, with relative paths taken from where the file was.
Result<Sweep> sweep_of(const WorkerRequest& request) {
  auto text = read_file(request.sweep_directory + "/sweep.yaml");
  if (!text) return tl::unexpected(text.error());
  auto sweep = parse_sweep(std::move(*text), request.file);
  if (!sweep) return tl::unexpected(sweep.error().front());
  if (sweep->fingerprint() != request.fingerprint)
    return failure(request.file + ": the data it names changed while the sweep was started; run it again");
  return std::move(*sweep);
}

}  // namespace

int worker_command(const WorkerRequest& request) {
  const UniqueFd channel(spawned_channel_fd);
  UniqueFd memory(spawned_cells_fd);
  for (const int fd : {channel.get(), memory.get()}) fcntl(fd, F_SETFD, FD_CLOEXEC);
  const auto cells = Cells::attach(std::move(memory), request.workers);
  const auto sweep = sweep_of(request);
  if (!cells || !sweep) {
    report_error(cells ? sweep.error() : cells.error());
    return system_failure;
  }
  return run_worker(*sweep, post_of(request), request.sweep_directory + "/chunks", channel, *cells);
}

}  // namespace sweepd
