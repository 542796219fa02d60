#include "workers/start/local_pool.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

#include "runner/platform/clock.h"
#include "runner/platform/inherited_signals.h"
#include "runner/platform/system_error.h"

namespace sweepd {
namespace {

// A worker that dies this often before it is ready will not live the next time either.
constexpr uint32_t most_stillbirths = 3;

}  // namespace

std::string describe_wait_status(int status) {
  if (WIFEXITED(status)) return "exited with status " + std::to_string(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  const char* name = sigabbrev_np(number);
  return "killed by signal " + std::to_string(number) + (name ? std::string(" (SIG") + name + ")" : "");
}

Result<std::unique_ptr<LocalPool>> LocalPool::start(const Staffing& staffing) {
  const auto workers = static_cast<uint32_t>(staffing.posts.size());
  auto cells = Cells::create(workers);
  if (!cells) return tl::unexpected(cells.error());
  auto starter = Starter::launch(staffing, *cells);
  if (!starter) return tl::unexpected(starter.error());
  std::unique_ptr<LocalPool> pool(new LocalPool(std::move(*cells), std::move(*starter), workers));
  for (WorkerId worker; worker.number < workers; ++worker.number)
    if (auto started = pool->start_worker(worker); !started) return tl::unexpected(started.error());
  return pool;
}

LocalPool::LocalPool(Cells cells, Starter starter, uint32_t workers)
    : cells_(std::move(cells)),
      starter_(std::move(starter)),
      channels_(workers),
      stillbirths_(workers, 0),
      killed_(workers, false),
      polled_(workers + 1, pollfd{-1, POLLIN, 0}),
      let_in_(inherited_signals().mask()) {
  polled_[0].fd = starter_.fd();
}

Result<void> LocalPool::start_worker(WorkerId worker) {
  cells_.worker(worker).in_hand.store(no_point);
  cells_.worker(worker).done.store(0);
  cells_.worker(worker).failed.store(0);
  killed_[worker.number] = false;
  auto channel = starter_.start(worker);
  if (!channel) return tl::unexpected(channel.error());
  channels_[worker.number] = std::move(*channel);
  polled_[worker.number + 1].fd = channels_[worker.number].get();
  return {};
}

void LocalPool::assign(const Assignment& assignment, uint64_t lease) {
  const AssignMessage message = message_of(assignment, lease);
  // A worker that is dead already is reported by the starter, with this chunk still its own.
  ssize_t n = 0;
  do n = send(channels_[assignment.worker.number].get(), &message, sizeof message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
}

void LocalPool::tell_gang(WorkerId worker, const GangMessage& message) {
  GangLine(channels_[worker.number].get()).send(message);
}

void LocalPool::kill(WorkerId worker) {
  killed_[worker.number] = true;
  starter_.kill(worker);
}

void LocalPool::wind_down() { cells_.agent().winding_down.store(true, std::memory_order_relaxed); }

void LocalPool::end_chunks(uint64_t last_lease) {
  cells_.agent().ended_leases.store(last_lease, std::memory_order_relaxed);
}

std::vector<WorkerEvent> LocalPool::poll(Duration timeout) {
  std::vector<WorkerEvent> events;
  if (starter_.has_deaths()) timeout = Duration::zero();
  const timespec limit = as_timespec(timeout);
  // Signals are blocked but here, so none slips in between a look at what it did and this wait.
  if (ppoll(polled_.data(), polled_.size(), &limit, &let_in_) <= 0 && !starter_.has_deaths()) return events;
  for (WorkerId worker; worker.number < size(); ++worker.number)
    if (polled_[worker.number + 1].revents != 0) receive_news(worker, events);
  if (polled_[0].revents != 0 || starter_.has_deaths()) receive_deaths(events);
  return events;
}

WorkerEvent LocalPool::event_of(WorkerId worker, const NewsMessage& news) {
  using Kind = WorkerEvent::Kind;
  const Kind kind = news.news == WorkerNews::ready      ? Kind::ready
                    : news.news == WorkerNews::finished ? Kind::finished
                                                        : Kind::broken;
  return {.kind = kind,
          .worker = worker,
          .report = {.lease = news.lease,
                     .until = news.until,
                     .failed = news.failed,
                     .elapsed = Duration(news.elapsed_ns),
                     .cpu = Duration(news.cpu_ns),
                     .retries = news.retries,
                     .non_finite = news.non_finite,
                     .max_rss_mib = news.max_rss_mib,
                     .times = news.times},
          .message = kind == Kind::broken ? std::string(news.text) : std::string(),
          .in_hand = std::nullopt,
          .is_shortage = news.is_shortage != 0};
}

WorkerEvent LocalPool::broken(WorkerId worker, const Error& error) {
  return {.kind = WorkerEvent::Kind::broken,
          .worker = worker,
          .report = {},
          .message = error.text(),
          .in_hand = std::nullopt,
          .is_shortage = error.is_shortage};
}

void LocalPool::receive_news(WorkerId worker, std::vector<WorkerEvent>& events) {
  static_assert(sizeof(GangMessage) < sizeof(NewsMessage));  // they are told apart by it
  NewsMessage news{};
  ssize_t n = 0;
  while ((n = recv(channels_[worker.number].get(), &news, sizeof news, MSG_DONTWAIT)) > 0) {
    if (n == sizeof(GangMessage)) {
      std::memcpy(&gang_messages_.emplace_back(), &news, sizeof(GangMessage));
      continue;
    }
    if (news.news == WorkerNews::ready) stillbirths_[worker.number] = 0;
    events.push_back(event_of(worker, news));
  }
  if (n == 0) polled_[worker.number + 1].fd = -1;  // closed by its death, which the starter will tell
}

void LocalPool::receive_deaths(std::vector<WorkerEvent>& events) {
  bool any = false;
  while (const auto death = starter_.receive_death()) {
    bury(*death, events);
    any = true;
  }
  if (!any && (polled_[0].revents & POLLHUP) != 0) {
    polled_[0].fd = -1;
    starter_.end();
    // Its workers have died with it.
    for (WorkerId worker; worker.number < size(); ++worker.number)
      events.push_back(broken(worker, starter_was_killed()));
  }
}

void LocalPool::bury(const WorkerDeath& death, std::vector<WorkerEvent>& events) {
  const WorkerId worker = death.worker;
  if (death.error != 0) {
    events.push_back(
        broken(worker, system_error("start", "worker " + std::to_string(worker.number), death.error)));
    return;
  }
  receive_news(worker, events);  // what it said before it died
  const uint64_t in_hand = cells_.worker(worker).in_hand.load(std::memory_order_relaxed);
  const std::string how = how_it_ended(death);
  WorkerEvent event{
      .kind = WorkerEvent::Kind::died, .worker = worker, .report = {}, .message = how, .in_hand = {}};
  if (in_hand != no_point) event.in_hand = in_hand;
  events.push_back(event);
  Result<void> restarted;
  if (++stillbirths_[worker.number] < most_stillbirths)
    restarted = start_worker(worker);
  else
    restarted = failure("worker " + std::to_string(worker.number) + " cannot be started: it " + how);
  if (!restarted) events.push_back(broken(worker, restarted.error()));
}

std::string LocalPool::how_it_ended(const WorkerDeath& death) {
  const bool by_others = WIFSIGNALED(death.wait_status) && WTERMSIG(death.wait_status) == SIGKILL &&
                         !killed_[death.worker.number];
  if (by_others && oom_kills_.rose()) return killed_for_memory;
  return describe_wait_status(death.wait_status) + (by_others ? killed_by_others : "");
}

WorkerProgress LocalPool::progress(WorkerId worker) const {
  const WorkerCell& cell = cells_.worker(worker);
  WorkerProgress progress{.lease = cell.lease.load(std::memory_order_acquire),
                          .done = cell.done.load(std::memory_order_relaxed),
                          .failed = cell.failed.load(std::memory_order_relaxed),
                          .in_hand = std::nullopt,
                          .in_hand_for = {}};
  const uint64_t in_hand = cell.in_hand.load(std::memory_order_relaxed);
  if (in_hand == no_point) return progress;
  progress.in_hand = in_hand;
  progress.in_hand_for = Duration(monotonic_ns() - cell.began_ns.load(std::memory_order_relaxed));
  return progress;
}

}  // namespace sweepd
