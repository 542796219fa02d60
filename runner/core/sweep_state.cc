#include "runner/core/sweep_state.h"

#include <algorithm>

namespace sweepd {

SweepState::SweepState(uint64_t points, const std::vector<Chunk>& done, KeptPoints kept)
    : kept_(std::move(kept)), points_(points), done_points_(kept_.size()) {
  std::vector<Chunk> sorted = done;
  std::sort(sorted.begin(), sorted.end());
  uint64_t next = 0;
  for (const Chunk& chunk : sorted) {
    add_waiting({.chunk = {next, chunk.first}});
    done_points_ += kept_.missing_in(chunk);
    next = chunk.last;
  }
  add_waiting({.chunk = {next, points}});
}

bool SweepState::apply(const SweepEvent& event) {
  return std::visit([this](const auto& e) { return on(e); }, event);
}

bool SweepState::on(const Assigned& event) {
  const auto range = waiting_.find(event.chunk.first);
  if (leases_.contains(event.worker) || range == waiting_.end() || event.chunk.empty() ||
      event.chunk.last > range->second.chunk.last)
    return false;
  const Waiting taken = range->second;
  waiting_.erase(range);
  waiting_points_ -= kept_.missing_in(taken.chunk);
  leases_[event.worker] = {event.lease, event.chunk, taken.careful};
  add_waiting({.chunk = {event.chunk.last, taken.chunk.last}, .careful = taken.careful});
  return true;
}

std::optional<SweepState::Lease> SweepState::end_lease(WorkerId worker, uint64_t number, uint64_t until,
                                                       uint64_t failed) {
  const auto held = leases_.find(worker);
  if (held == leases_.end() || held->second.number != number) return std::nullopt;
  const Lease lease = held->second;
  if (until < lease.chunk.first || until > lease.chunk.last) return std::nullopt;
  leases_.erase(held);
  done_points_ += kept_.missing_in({lease.chunk.first, until});
  failed_points_ += failed;
  return lease;
}

bool SweepState::on(const Finished& event) {
  const auto lease = end_lease(event.worker, event.lease, event.until, event.failed);
  if (!lease) return false;
  add_waiting({.chunk = {event.until, lease->chunk.last}, .careful = lease->careful});
  return true;
}

bool SweepState::on(const Lost& event) {
  const auto lease = end_lease(event.worker, event.lease, event.until, event.failed);
  if (!lease) return false;
  Waiting rest{.chunk = {event.until, lease->chunk.last}, .careful = true};
  if (event.in_hand == event.until) {
    Past& past = pasts_[event.until];
    ++(event.timed_out ? past.attempts : past.deaths);
    rest.deaths = past.deaths;
    rest.attempts = past.attempts;
  }
  add_waiting(rest);
  return true;
}

bool SweepState::on(const Condemned& event) {
  const auto range = waiting_.find(event.index);
  if (range == waiting_.end()) return false;
  const Waiting taken = range->second;
  waiting_.erase(range);
  waiting_points_ -= kept_.missing_in(taken.chunk);
  done_points_ += 1;
  failed_points_ += 1;
  add_waiting({.chunk = {event.index + 1, taken.chunk.last}, .careful = taken.careful});
  return true;
}

void SweepState::add_waiting(Waiting range) {
  range.chunk.first = kept_.next_missing(range.chunk.first);
  if (range.chunk.first >= range.chunk.last) return;
  waiting_points_ += kept_.missing_in(range.chunk);
  waiting_[range.chunk.first] = range;
}

std::optional<Assigned> SweepState::running(WorkerId worker) const {
  const auto held = leases_.find(worker);
  if (held == leases_.end()) return std::nullopt;
  return Assigned{worker, held->second.number, held->second.chunk};
}

}  // namespace sweepd
