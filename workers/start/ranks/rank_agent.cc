#include "workers/start/ranks/rank_agent.h"

#include <algorithm>

#include "runner/platform/clock.h"
#include "workers/start/ranks/rank_messages.h"

namespace sweepd {
namespace {

// Rank 0 shows progress by it.
constexpr Duration longest_pulse = std::chrono::seconds(1);
constexpr int beats_in_silence = 10;
// A rank that has a part in gangs has no other worker.
constexpr WorkerId gang_worker{0};

}  // namespace

RankAgent::RankAgent(RankLink& link, LocalPool& pool, Duration silence)
    : link_(link),
      pool_(pool),
      deaths_(pool.size(), 0),
      silence_(silence),
      pulse_(std::min(longest_pulse, silence / beats_in_silence)),
      heard_ns_(monotonic_ns()) {
  pool_.wake_for(link_.fd());
}

bool RankAgent::run() {
  while (!over_ && !link_.closed()) {
    for (const WorkerEvent& event :
         pool_.poll(std::max(Duration::zero(), Duration(next_beat_ns_ - monotonic_ns()))))
      report(event);
    for (const GangMessage& message : pool_.take_gang_messages())
      link_.send(0, rank_message(RankWord::gang, message));
    while (const auto message = link_.receive()) follow(*message);
    if (monotonic_ns() >= next_beat_ns_) beat();
    if (!suspended_ && monotonic_ns() - heard_ns_ > silence_.count()) return false;
  }
  return over_;
}

void RankAgent::follow(const RankMessage& message) {
  heard_ns_ = monotonic_ns();
  const auto word = word_of(message.bytes);
  if (!word) return;
  switch (*word) {
    case RankWord::assign:
      if (const auto order = body_as<AssignOrder>(message.bytes); order && is_there(order->place))
        pool_.assign(assignment_of(order->assignment, order->place.slot), order->assignment.lease);
      return;
    case RankWord::kill:
      if (const auto order = body_as<KillOrder>(message.bytes); order && is_there(order->place))
        pool_.kill(order->place.slot);
      return;
    case RankWord::gang:
      if (const auto gang = body_as<GangMessage>(message.bytes); gang && pool_.size() > 0)
        pool_.tell_gang(gang_worker, *gang);
      return;
    case RankWord::end_chunks:
      if (const auto last_lease = body_as<uint64_t>(message.bytes)) pool_.end_chunks(*last_lease);
      return;
    case RankWord::wind_down:
      return pool_.wind_down();
    case RankWord::suspend:
      suspended_ = true;
      return pool_.suspend();
    case RankWord::resume:
      suspended_ = false;
      return pool_.resume();
    case RankWord::end:
      over_ = true;
      return;
    default:
      return;
  }
}

bool RankAgent::is_there(const WorkerPlace& place) const {
  return place.slot.number < deaths_.size() && deaths_[place.slot.number] == place.deaths;
}

void RankAgent::report(const WorkerEvent& event) {
  if (event.kind == WorkerEvent::Kind::died) ++deaths_[event.worker.number];
  link_.send(0, rank_message(RankWord::event, news_of(event, event.worker)));
}

/// What all workers are doing, in as many messages as it takes; one also where there are none.
void RankAgent::beat() {
  next_beat_ns_ = monotonic_ns() + pulse_.count();
  std::string message = rank_message(RankWord::beat);
  const size_t full = message.size() + most_in_beat * sizeof(WorkerSnapshot);
  for (WorkerId slot; slot.number < pool_.size(); ++slot.number) {
    const WorkerProgress progress = pool_.progress(slot);
    const WorkerSnapshot snapshot{.slot = slot,
                                  .has_in_hand = progress.in_hand.has_value(),
                                  .lease = progress.lease,
                                  .done = progress.done,
                                  .failed = progress.failed,
                                  .in_hand = progress.in_hand.value_or(0),
                                  .in_hand_for_ns = progress.in_hand_for.count()};
    message.append(reinterpret_cast<const char*>(&snapshot), sizeof snapshot);
    if (message.size() < full) continue;
    link_.send(0, message);
    message = rank_message(RankWord::beat);
  }
  link_.send(0, message);
}

}  // namespace sweepd
