#include "runner/core/sweep_state.h"

#include <algorithm>

namespace sweepd {

SweepState::SweepState(uint64_t points, const std::vector<Chunk>& done) : points_(points) {
  std::vector<Chunk> sorted = done;
  std::sort(sorted.begin(), sorted.end());
  uint64_t next = 0;
  for (const Chunk& chunk : sorted) {
    add_waiting({.chunk = {next, chunk.first}});
    done_points_ += chunk.size();
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
  waiting_points_ -= taken.chunk.size();
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
  done_points_ += until - lease.chunk.first;
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
  if (event.in_hand == event.until) rest.deaths = ++deaths_[event.until];
  add_waiting(rest);
  return true;
}

bool SweepState::on(const Condemned& event) {
  const auto range = waiting_.find(event.index);
  if (range == waiting_.end()) return false;
  const Waiting taken = range->second;
  waiting_.erase(range);
  waiting_points_ -= taken.chunk.size();
  done_points_ += 1;
  failed_points_ += 1;
  add_waiting({.chunk = {event.index + 1, taken.chunk.last}, .careful = taken.careful});
  return true;
}

void SweepState::add_waiting(const Waiting& range) {
  if (range.chunk.empty()) return;
  waiting_points_ += range.chunk.size();
  waiting_[range.chunk.first] = range;
}

std::optional<Assigned> SweepState::running(WorkerId worker) const {
  const auto held = leases_.find(worker);
  if (held == leases_.end()) return std::nullopt;
  return Assigned{worker, held->second.number, held->second.chunk};
}

}  // namespace sweepd
