#include "workers/tasks/scaling/shared_rounds.h"

#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <new>
#include <utility>

#include "runner/platform/clock.h"
#include "runner/platform/system_error.h"

namespace sweepd {
namespace {

// std::atomic::wait serves the threads of one process only.
void futex(std::atomic<uint32_t>& word, int operation, uint32_t value) {
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), operation, value, nullptr, nullptr, 0);
}

}  // namespace

Result<SharedRounds> SharedRounds::make(uint32_t members, uint32_t rounds, bool has_gate) {
  UniqueFd all_at_gate;
  if (has_gate) all_at_gate.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (has_gate && !all_at_gate) return refused("make a gate for", "the gang");
  const size_t bytes = sizeof(Cells) + rounds * sizeof(RoundCell);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return refused("share memory with", "the gang");
  return SharedRounds(memory, bytes, members, rounds, std::move(all_at_gate));
}

SharedRounds::SharedRounds(void* memory, size_t bytes, uint32_t members, uint32_t rounds,
                           UniqueFd all_at_gate)
    : cells_(new (memory) Cells),
      rounds_(new (static_cast<char*>(memory) + sizeof(Cells)) RoundCell[rounds]),
      bytes_(bytes),
      members_(members),
      all_at_gate_(std::move(all_at_gate)) {}

SharedRounds::SharedRounds(SharedRounds&& other) noexcept
    : cells_(std::exchange(other.cells_, nullptr)),
      rounds_(other.rounds_),
      bytes_(other.bytes_),
      members_(other.members_),
      all_at_gate_(std::move(other.all_at_gate_)) {}

SharedRounds::~SharedRounds() {
  if (cells_ != nullptr) munmap(cells_, bytes_);
}

void SharedRounds::await_gate(uint32_t round) {
  if (cells_->at_gate.fetch_add(1) + 1 == (round + 1) * members_) eventfd_write(all_at_gate_.get(), 1);
  while (cells_->let_in.load() <= round) futex(cells_->let_in, FUTEX_WAIT, round);
}

bool SharedRounds::all_came_to_gate() const {
  eventfd_t came = 0;
  return eventfd_read(all_at_gate_.get(), &came) == 0;
}

void SharedRounds::open_gate(uint32_t round) {
  cells_->let_in.store(round + 1);
  futex(cells_->let_in, FUTEX_WAKE, INT_MAX);
}

void SharedRounds::await_all(uint32_t round, bool may_spin) {
  if (cells_->arrived.fetch_add(1) + 1 == (round + 1) * members_) {
    rounds_[round].released_ns = monotonic_ns();
    cells_->opened.store(round + 1);
    if (cells_->sleepers.load() > 0) futex(cells_->opened, FUTEX_WAKE, INT_MAX);
    return;
  }
  if (may_spin && spin_until_opened(round)) return;
  ++cells_->sleepers;
  while (cells_->opened.load() <= round) futex(cells_->opened, FUTEX_WAIT, round);
  --cells_->sleepers;
}

bool SharedRounds::spin_until_opened(uint32_t round) const {
  constexpr int64_t longest_ns = 1'000'000'000;
  const int64_t end = monotonic_ns() + longest_ns;
  while (cells_->opened.load(std::memory_order_acquire) <= round)
    if (monotonic_ns() > end) return false;
  return true;
}

void SharedRounds::end_share(uint32_t round, uint64_t number) {
  const int64_t now = monotonic_ns();
  RoundCell& cell = rounds_[round];
  cell.sum += number;
  for (int64_t last = cell.ended_ns; last < now && !cell.ended_ns.compare_exchange_weak(last, now);) {
  }
}

GangRound SharedRounds::result(uint32_t round) const {
  const RoundCell& cell = rounds_[round];
  return {static_cast<double>(cell.ended_ns - cell.released_ns) * 1e-9, cell.sum};
}

}  // namespace sweepd
