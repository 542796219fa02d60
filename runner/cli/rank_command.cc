#include "runner/cli/rank_command.h"

#include <poll.h>
#include <signal.h>

#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/request_sweep.h"
#include "runner/cli/stored_sweep.h"
#include "runner/engine/chunk_store.h"
#include "runner/platform/clock.h"
#include "runner/platform/process_identity.h"
#include "runner/platform/topology.h"
#include "runner/platform/trusted_file.h"
#include "workers/start/ranks/muster.h"
#include "workers/start/ranks/rank_agent.h"
#include "workers/start/ranks/rank_messages.h"

namespace sweepd {
namespace {

/// Rank 0 decides when to stop, and tells.
void ignore_stop_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGTSTP, SIGXFSZ})
    signal(number, SIG_IGN);
}

/// Clients of file servers may take some seconds to see a new file.
Result<void> come_to_see(const std::string& path) {
  const int64_t end_ns = monotonic_ns() + 10'000'000'000;
  for (;;) {
    const auto file = open_trusted(path);
    if (file) return {};
    if (monotonic_ns() > end_ns || poll(nullptr, 0, 100) < 0) return tl::unexpected(file.error());
  }
}

/// This rank's part of the sweep.
struct Part {
  Sweep sweep;
  Crew crew;
  KeptPoints kept;
};

Result<Part> prepare(const StaffOrder& order, const RankLink& link, const RunRequest& request) {
  const SweepDirectory directory(order.sweep.directory);
  if (const auto seen = come_to_see(order.sweep.staging + "/run"); !seen)
    return failure("it does not see the sweep directory " + order.sweep.directory +
                   " that rank 0 has made (" + seen.error().message +
                   "); the directory must be on a file system that all nodes share (--output)");
  auto sweep = stored_sweep(directory, order.sweep.file, order.sweep.fingerprint);
  if (!sweep) return tl::unexpected(sweep.error());
  override_by(request, *sweep);
  auto topology = read_topology();
  if (!topology) return tl::unexpected(topology.error());
  const auto cpus = cpus_of_share(*topology, order.share);
  if (!cpus) return tl::unexpected(cpus.error());
  auto crew =
      plan_crew(*sweep, std::move(*topology), *cpus, Launch{link.rank(), link.ranks()}, order.share.count);
  if (!crew) return tl::unexpected(crew.error());
  heed_grant(*sweep, *crew, true);  // rank 0 has said it
  const auto store = ChunkStore::open(directory, RecordOrigin(*sweep));
  if (!store) return tl::unexpected(store.error());
  return Part{std::move(*sweep), std::move(*crew), store->kept()};
}

Result<RankCrew> crew_of(const Result<Part>& part, const std::string& host) {
  if (!part) return tl::unexpected(part.error());
  RankCrew crew{.host = host};
  for (const Post& post : part->crew.posts)
    if (post.context.share.gang_cores.empty())
      crew.cpus.push_back(post.context.share.cpus);
    else
      crew.gang_cores += static_cast<uint32_t>(post.context.share.gang_cores.size());
  return crew;
}

int work(RankLink& link, Part& part, const StaffOrder& order, WorkerId first_worker) {
  for (Post& post : part.crew.posts) post.context.worker.number += first_worker.number;
  const auto pool = LocalPool::start({part.sweep, order.sweep.directory, order.sweep.staging,
                                      part.crew.method, part.crew.posts, part.kept, order.sweep.code});
  if (pool) return RankAgent(link, **pool, order.silence).run() ? every_point_ok : stopped_before_end;
  link.send(0, rank_message(RankWord::event, news_of({.kind = WorkerEvent::Kind::broken,
                                                      .worker = {},
                                                      .report = {},
                                                      .message = pool.error().text(),
                                                      .in_hand = std::nullopt,
                                                      .is_shortage = pool.error().is_shortage},
                                                     {})));
  return system_failure;
}

int give_up(const Error& error) {
  report_error(error);
  return system_failure;
}

}  // namespace

int rank_command(UniqueFd socket, const Launch& launch, const RunRequest& request) {
  ignore_stop_signals();
  auto link = RankLink::join(std::move(socket), launch);
  if (!link) return wrong_request;
  const std::string host = host_name();
  const auto order = await_order(*link, own_offer(allowed_processors()));
  if (!order) return give_up(order.error());
  if (!*order) return every_point_ok;
  auto part = prepare(**order, *link, request);
  const auto first_worker = await_start(*link, host, crew_of(part, host));
  if (!first_worker) return give_up(first_worker.error());
  if (!part || !*first_worker) return every_point_ok;
  return work(*link, *part, **order, **first_worker);
}

}  // namespace sweepd
