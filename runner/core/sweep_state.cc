#include "runner/core/sweep_state.h"

#include <algorithm>
#include <utility>

namespace sweepd {

SweepState::SweepState(uint64_t points, const std::vector<Chunk>& done, KeptPoints kept)
    : kept_(std::move(kept)), points_(points), own_points_(kept_.missing_in({0, points})) {
  add_gaps({0, points}, done);
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
  take_waiting(range);
  running_points_ += kept_.missing_in(event.chunk);
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
  running_points_ -= own_in(lease.chunk);
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
  take_waiting(range);
  failed_points_ += 1;
  add_waiting({.chunk = {event.index + 1, taken.chunk.last}, .careful = taken.careful});
  return true;
}

bool SweepState::on(const Shared& event) {
  std::map<uint64_t, uint64_t> ours;
  uint64_t next = 0;
  for (const Chunk& range : event.ours) {
    if (range.empty() || range.first < next || range.last > points_ || !is_own(range)) return false;
    next = ours[range.first] = range.last;
  }
  ours_ = std::move(ours);
  waiting_points_ = 0;
  for (const auto& [first, range] : std::exchange(waiting_, {})) add_waiting(range);
  recount();
  return true;
}

bool SweepState::on(const Claimed& event) {
  const Chunk& range = event.range;
  if (!ours_ || range.empty() || range.last > points_) return false;
  const auto next = ours_->lower_bound(range.first);
  if (next != ours_->end() && next->first < range.last) return false;
  if (next != ours_->begin() && std::prev(next)->second > range.first) return false;
  ours_->emplace(range.first, range.last);
  // A chunk may still run there, from when the range was this run's before.
  std::vector<Chunk> taken = event.done;
  for (const Chunk& chunk : running_chunks()) taken.push_back(chunk);
  add_gaps(range, std::move(taken));
  recount();
  return true;
}

void SweepState::take_waiting(std::map<uint64_t, Waiting>::iterator range) {
  waiting_points_ -= kept_.missing_in(range->second.chunk);
  waiting_.erase(range);
}

void SweepState::add_waiting(const Waiting& range) {
  if (!ours_) return add_own_waiting(range);
  for (auto own = own_range_at(range.chunk.first); own != ours_->end() && own->first < range.chunk.last;
       ++own) {
    Waiting piece = range;
    piece.chunk = {std::max(range.chunk.first, own->first), std::min(range.chunk.last, own->second)};
    if (piece.chunk.first != range.chunk.first) piece.deaths = piece.attempts = 0;
    add_own_waiting(piece);
  }
}

void SweepState::add_own_waiting(Waiting range) {
  range.chunk.first = kept_.next_missing(range.chunk.first);
  if (range.chunk.first >= range.chunk.last) return;
  waiting_points_ += kept_.missing_in(range.chunk);
  waiting_[range.chunk.first] = range;
}

/// What lies in the range and in none of the others waits.
void SweepState::add_gaps(const Chunk& range, std::vector<Chunk> between) {
  std::sort(between.begin(), between.end());
  uint64_t next = range.first;
  for (const Chunk& chunk : between) {
    add_waiting({.chunk = {next, std::min(chunk.first, range.last)}});
    next = std::max(next, chunk.last);
  }
  add_waiting({.chunk = {next, range.last}});
}

/// The first of our ranges that ends behind an index.
std::map<uint64_t, uint64_t>::const_iterator SweepState::own_range_at(uint64_t index) const {
  const auto next = ours_->upper_bound(index);
  return next != ours_->begin() && std::prev(next)->second > index ? std::prev(next) : next;
}

bool SweepState::owns(uint64_t index) const { return is_own({index, index + 1}); }

bool SweepState::is_own(const Chunk& chunk) const {
  if (!ours_) return true;
  const auto own = own_range_at(chunk.first);
  return own != ours_->end() && own->first <= chunk.first && chunk.last <= own->second;
}

uint64_t SweepState::own_in(const Chunk& chunk) const {
  if (!ours_) return kept_.missing_in(chunk);
  uint64_t points = 0;
  for (auto own = own_range_at(chunk.first); own != ours_->end() && own->first < chunk.last; ++own)
    points += kept_.missing_in({std::max(chunk.first, own->first), std::min(chunk.last, own->second)});
  return points;
}

void SweepState::recount() {
  own_points_ = own_in({0, points_});
  running_points_ = 0;
  for (const auto& [worker, lease] : leases_) running_points_ += own_in(lease.chunk);
}

std::vector<Chunk> SweepState::running_chunks() const {
  std::vector<Chunk> chunks;
  for (const auto& [worker, lease] : leases_) chunks.push_back(lease.chunk);
  std::sort(chunks.begin(), chunks.end());
  return chunks;
}

std::optional<Assigned> SweepState::running(WorkerId worker) const {
  const auto held = leases_.find(worker);
  if (held == leases_.end()) return std::nullopt;
  return Assigned{worker, held->second.number, held->second.chunk};
}

}  // namespace sweepd
