#include "workers/worker.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <optional>
#include <variant>

#include "runner/core/record.h"
#include "runner/platform/binding.h"
#include "runner/platform/oom_kills.h"
#include "runner/platform/process_identity.h"
#include "runner/platform/system_error.h"
#include "workers/chunk_run.h"
#include "workers/messages.h"
#include "workers/tasks/make_runner.h"
#include "workers/tasks/scaling/ranked_gang.h"

namespace sweepd {
namespace {

using Order = std::variant<AssignMessage, GangMessage>;
static_assert(sizeof(AssignMessage) < sizeof(GangMessage));  // they are told apart by it

/// The next order; none when the agent has closed the channel or is gone.
std::optional<Order> receive(const UniqueFd& channel) {
  GangMessage gang{};
  ssize_t n = 0;
  do n = recv(channel.get(), &gang, sizeof gang, 0);
  while (n < 0 && errno == EINTR);
  if (n == sizeof gang) return gang;
  AssignMessage assignment{};
  if (n != sizeof assignment) return std::nullopt;
  std::memcpy(&assignment, &gang, sizeof assignment);
  return assignment;
}

void send(const UniqueFd& channel, const NewsMessage& news) {
  // Where the agent is gone, the next receive() notices.
  ssize_t n = 0;
  do n = ::send(channel.get(), &news, sizeof news, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
}

NewsMessage finished(const ChunkReport& report, uint64_t lease) {
  NewsMessage news{};
  news.news = WorkerNews::finished;
  news.retries = report.retries;
  news.lease = lease;
  news.until = report.until;
  news.failed = report.failed;
  news.non_finite = report.non_finite;
  news.elapsed_ns = report.elapsed.count();
  news.cpu_ns = report.cpu.count();
  news.max_rss_mib = report.max_rss_mib;
  news.times = report.times;
  return news;
}

/// Follows orders until there will be no more; the exit status.
int work(const CommonWork& common, const Post& post, const UniqueFd& channel, const Cells& cells) {
  auto bound = bind_to(post.context.share);
  constexpr int folder_only = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
  const UniqueFd committed(open(common.folders.committed.c_str(), folder_only));
  if (bound && !committed) bound = refused("open", common.folders.committed);
  const UniqueFd staging(open(common.folders.staging.c_str(), folder_only));
  if (bound && !staging) bound = refused("open", common.folders.staging);
  if (!bound) {
    report_broken(channel, bound.error(), 0);
    return 1;
  }
  WorkerContext context = post.context;
  context.share.cpus = bound_processors();
  const GangLine line(channel.get());
  context.gang_line = &line;
  const auto runner = make_runner(common.sweep, context);
  ChunkContext chunk_context{common.sweep,
                             common.kept,
                             *runner,
                             cells.agent(),
                             cells.worker(post.slot),
                             {committed.get(), staging.get()},
                             host_name(),
                             context.worker,
                             context.share.cpus.text(),
                             sweep_mark(common.sweep.fingerprint()),
                             common.code};
  NewsMessage ready{};
  ready.news = WorkerNews::ready;
  send(channel, ready);
  while (const auto order = receive(channel)) {
    if (const auto* gang = std::get_if<GangMessage>(&*order)) {
      // What else is said of gangs came too late for one that is over.
      if (gang->word == GangWord::form) follow_gang(*gang, context);
      continue;
    }
    const auto* message = std::get_if<AssignMessage>(&*order);
    chunk_context.cpus = bound_processors().text();
    const auto end = run_chunk(chunk_context, assignment_of(*message, context.worker), message->lease);
    if (end) send(channel, finished(end->report, message->lease));
    if (!end || end->broken) report_broken(channel, end ? *end->broken : end.error(), message->lease);
  }
  return 0;
}

}  // namespace

void report_broken(const UniqueFd& channel, const Error& error, uint64_t lease) {
  NewsMessage news{};
  news.news = WorkerNews::broken;
  news.lease = lease;
  news.is_shortage = error.is_shortage ? 1 : 0;
  const std::string text = error.text();
  std::copy_n(text.data(), std::min(text.size(), sizeof news.text - 1), news.text);
  send(channel, news);
}

int run_worker(const CommonWork& common, const Post& post, const UniqueFd& channel, const Cells& cells) {
  volunteer_for_oom_kill();
  try {
    return work(common, post, channel, cells);
  } catch (const std::bad_alloc&) {
    report_broken(channel, memory_ran_out(), 0);  // no point is to blame
    return 1;
  }
}

}  // namespace sweepd
