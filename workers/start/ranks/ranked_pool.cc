#include "workers/start/ranks/ranked_pool.h"

#include <algorithm>
#include <cstring>

#include "runner/platform/clock.h"

namespace sweepd {
namespace {

// Relays whose agent has ended wait for rank 0's last word as long as they hear of it (relay.cc).
constexpr Duration longest_quiet = std::chrono::seconds(5);

}  // namespace

RankedPool::RankedPool(RankLink& link, std::unique_ptr<LocalPool> own, const std::vector<RankCrew>& crews,
                       Duration silence)
    : link_(link), own_(std::move(own)), gangs_(link, *own_), silence_(silence) {
  own_->wake_for(link_.fd());
  for (uint32_t rank = 0; rank < crews.size(); ++rank) {
    const uint32_t workers = rank == 0 ? own_->size() : static_cast<uint32_t>(crews[rank].cpus.size());
    ranks_.push_back({crews[rank].host, WorkerId(size()), workers, monotonic_ns()});
    if (rank != 0) start_rank(link_, rank, WorkerId(size()));
    for (WorkerId slot; slot.number < workers; ++slot.number) seats_.push_back({rank, slot});
  }
}

RankedPool::~RankedPool() {
  tell_all(rank_message(RankWord::end));
  link_.let_all_leave();
}

void RankedPool::tell_all(const std::string& message) {
  for (uint32_t rank = 1; rank < ranks_.size(); ++rank)
    if (!ranks_[rank].lost) link_.send(rank, message);
}

void RankedPool::assign(const Assignment& assignment, uint64_t lease) {
  const Seat& seat = seats_[assignment.worker.number];
  if (seat.rank == 0) return own_->assign(assignment, lease);
  link_.send(seat.rank, rank_message(RankWord::assign,
                                     AssignOrder{{seat.slot, seat.deaths}, message_of(assignment, lease)}));
}

void RankedPool::wind_down() {
  own_->wind_down();
  tell_all(rank_message(RankWord::wind_down));
}

void RankedPool::end_chunks(uint64_t last_lease) {
  own_->end_chunks(last_lease);
  tell_all(rank_message(RankWord::end_chunks, last_lease));
}

void RankedPool::kill(WorkerId worker) {
  const Seat& seat = seats_[worker.number];
  if (seat.rank == 0) return own_->kill(worker);
  link_.send(seat.rank, rank_message(RankWord::kill, KillOrder{{seat.slot, seat.deaths}}));
}

void RankedPool::suspend() {
  tell_all(rank_message(RankWord::suspend));
  own_->suspend();
}

void RankedPool::resume() {
  for (Rank& rank : ranks_) rank.heard_ns = monotonic_ns();  // nobody listened meanwhile
  tell_all(rank_message(RankWord::resume));
  own_->resume();
}

void RankedPool::await_workers(Duration limit) {
  const int64_t end_ns = monotonic_ns() + limit.count();
  uint32_t heard_of = 0;
  while (heard_of < size() && monotonic_ns() < end_ns)
    for (WorkerEvent& event : listen(Duration(end_ns - monotonic_ns()))) {
      ++heard_of;
      early_.push_back(std::move(event));
    }
}

std::vector<WorkerEvent> RankedPool::poll(Duration timeout) {
  return early_.empty() ? listen(timeout) : std::exchange(early_, {});
}

std::vector<WorkerEvent> RankedPool::listen(Duration timeout) {
  std::vector<WorkerEvent> events = own_->poll(timeout);
  for (const GangMessage& message : own_->take_gang_messages()) gangs_.carry_out(message);
  if (std::ranges::find(events, WorkerEvent::Kind::died, &WorkerEvent::kind) != events.end())
    gangs_.on_leader_death();
  while (const auto message = link_.receive()) receive(*message, events);
  if (link_.closed())
    lose_all(events);
  else
    watch_ranks(events);
  return events;
}

void RankedPool::receive(const RankMessage& message, std::vector<WorkerEvent>& events) {
  Rank& rank = ranks_[message.rank];
  if (message.gone) return lose(message.rank, "its process has ended", events);
  // One that was taken for dead and is not must not go on: its points are others' now.
  if (rank.lost) return link_.send(message.rank, rank_message(RankWord::end));
  rank.heard_ns = monotonic_ns();
  const auto word = word_of(message.bytes);
  if (word == RankWord::beat) return note(rank, body_of(message.bytes));
  if (word == RankWord::gang)
    if (const auto gang = body_as<GangMessage>(message.bytes))
      return gangs_.carry_in(message.rank, rank_text(message.rank, rank.host), *gang);
  const auto news = body_as<EventNews>(message.bytes);
  if (word != RankWord::event || !news) return;
  if (news->slot.number < rank.workers) {
    const WorkerId worker{rank.first.number + news->slot.number};
    if (news->kind == WorkerEvent::Kind::died) ++seats_[worker.number].deaths;
    return events.push_back(event_of(*news, worker));
  }
  gangs_.on_event(message.rank, rank_text(message.rank, rank.host), event_of(*news, {}));
}

void RankedPool::note(const Rank& rank, std::string_view beat) {
  for (; beat.size() >= sizeof(WorkerSnapshot); beat.remove_prefix(sizeof(WorkerSnapshot))) {
    WorkerSnapshot snapshot;
    std::memcpy(&snapshot, beat.data(), sizeof snapshot);
    if (snapshot.slot.number >= rank.workers) continue;
    Seat& seat = seats_[rank.first.number + snapshot.slot.number];
    seat.seen_ns = rank.heard_ns;
    seat.last = {.lease = snapshot.lease,
                 .done = snapshot.done,
                 .failed = snapshot.failed,
                 .in_hand = snapshot.has_in_hand ? std::optional(snapshot.in_hand) : std::nullopt,
                 .in_hand_for = Duration(snapshot.in_hand_for_ns)};
  }
}

void RankedPool::watch_ranks(std::vector<WorkerEvent>& events) {
  const int64_t now_ns = monotonic_ns();
  if (now_ns < next_watch_ns_) return;
  next_watch_ns_ = now_ns + std::min(silence_ / 4, longest_quiet).count();
  tell_all(rank_message(RankWord::alive));
  const std::string silent =
      "there was no word from it for " +
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(silence_).count()) + " s";
  for (uint32_t rank = 1; rank < ranks_.size(); ++rank)
    if (now_ns - ranks_[rank].heard_ns > silence_.count()) lose(rank, silent, events);
}

/// This rank's workers, too: a launcher that ends the others wants an end.
void RankedPool::lose_all(std::vector<WorkerEvent>& events) {
  events.push_back({.kind = WorkerEvent::Kind::broken,
                    .worker = {},
                    .report = {},
                    .message = "the launcher has ended this run, or one of its ranks was killed",
                    .in_hand = std::nullopt,
                    .is_shortage = true});
  for (uint32_t rank = 0; rank < ranks_.size(); ++rank) lose(rank, "", events);
}

void RankedPool::lose(uint32_t number, const std::string& why, std::vector<WorkerEvent>& events) {
  Rank& rank = ranks_[number];
  if (rank.lost) return;
  rank.lost = true;
  if (number != 0) link_.send(number, rank_message(RankWord::end));
  std::string message = why.empty() ? "" : rank_text(number, rank.host) + " is lost: " + why;
  if (number != 0) gangs_.on_loss(number, message);
  for (WorkerId worker = rank.first; worker.number < rank.first.number + rank.workers; ++worker.number)
    events.push_back({.kind = WorkerEvent::Kind::gone,
                      .worker = worker,
                      .report = {},
                      .message = std::exchange(message, {}),
                      .in_hand = std::nullopt});
}

WorkerProgress RankedPool::progress(WorkerId worker) const {
  const Seat& seat = seats_[worker.number];
  if (seat.rank == 0) return own_->progress(worker);
  WorkerProgress progress = seat.last;
  if (progress.in_hand) progress.in_hand_for += Duration(monotonic_ns() - seat.seen_ns);
  return progress;
}

}  // namespace sweepd
