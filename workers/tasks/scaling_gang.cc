#include "workers/tasks/scaling_gang.h"

#include <linux/futex.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <new>
#include <system_error>
#include <utility>

#include "runner/platform/binding.h"
#include "runner/platform/child_process.h"
#include "runner/platform/clock.h"
#include "runner/platform/system_error.h"

namespace sweepd {
namespace {

constexpr int exit_not_bound = 3;

std::string reason_of(int error) { return std::generic_category().message(error); }

/// What the members write about a round.
struct alignas(64) RoundCell {
  std::atomic<int64_t> released_ns{0};
  std::atomic<int64_t> ended_ns{0};  ///< of the last member so far
  std::atomic<uint64_t> sum{0};
};

/// Memory that caller and members share: a barrier that is used once per round, and the rounds' cells.
class SharedRounds {
 public:
  static Result<SharedRounds> make(uint32_t members, uint32_t rounds) {
    const size_t bytes = sizeof(Cells) + rounds * sizeof(RoundCell);
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return refused("share memory with", "the gang");
    return SharedRounds(memory, bytes, members, rounds);
  }
  SharedRounds(SharedRounds&& other) noexcept
      : cells_(std::exchange(other.cells_, nullptr)),
        rounds_(other.rounds_),
        bytes_(other.bytes_),
        members_(other.members_) {}
  SharedRounds& operator=(SharedRounds&&) = delete;
  ~SharedRounds() {
    if (cells_ != nullptr) munmap(cells_, bytes_);
  }

  /// Returns once all members have called it for this round. A waiting member spins, so that all begin at
  /// once, but not for long, and not where another one may need its core.
  void await_all(uint32_t round, bool may_spin) {
    if (cells_->arrived.fetch_add(1) + 1 == (round + 1) * members_) {
      rounds_[round].released_ns = monotonic_ns();
      cells_->opened.store(round + 1);
      if (cells_->sleepers.load() > 0) futex(FUTEX_WAKE, INT_MAX);
      return;
    }
    if (may_spin && spin_until_opened(round)) return;
    ++cells_->sleepers;
    while (cells_->opened.load() <= round) futex(FUTEX_WAIT, round);
    --cells_->sleepers;
  }

  void end_share(uint32_t round, uint64_t number) {
    const int64_t now = monotonic_ns();
    RoundCell& cell = rounds_[round];
    cell.sum += number;
    for (int64_t last = cell.ended_ns; last < now && !cell.ended_ns.compare_exchange_weak(last, now);) {
    }
  }

  GangRound result(uint32_t round) const {
    const RoundCell& cell = rounds_[round];
    return {static_cast<double>(cell.ended_ns - cell.released_ns) * 1e-9, cell.sum};
  }

 private:
  struct Cells {
    alignas(64) std::atomic<uint32_t> arrived{0};  ///< members, over all rounds
    alignas(64) std::atomic<uint32_t> opened{0};   ///< rounds
    std::atomic<uint32_t> sleepers{0};
  };
  static_assert(std::atomic<uint32_t>::is_always_lock_free && std::atomic<uint64_t>::is_always_lock_free);

  SharedRounds(void* memory, size_t bytes, uint32_t members, uint32_t rounds)
      : cells_(new (memory) Cells),
        rounds_(new (static_cast<char*>(memory) + sizeof(Cells)) RoundCell[rounds]),
        bytes_(bytes),
        members_(members) {}

  bool spin_until_opened(uint32_t round) const {
    constexpr int64_t longest_ns = 1'000'000'000;
    const int64_t end = monotonic_ns() + longest_ns;
    while (cells_->opened.load(std::memory_order_acquire) <= round)
      if (monotonic_ns() > end) return false;
    return true;
  }

  // std::atomic::wait serves the threads of one process only.
  void futex(int operation, uint32_t value) {
    syscall(SYS_futex, reinterpret_cast<uint32_t*>(&cells_->opened), operation, value, nullptr, nullptr, 0);
  }

  Cells* cells_;
  RoundCell* rounds_;
  size_t bytes_;
  uint32_t members_;
};

/// The life of a member. What its share throws ends it by std::terminate: a signal, as seen from the caller.
[[noreturn]] void live(const GangSpec& spec, SharedRounds& shared, uint32_t member, pid_t caller) noexcept {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != caller) _exit(1);
  if (!spec.cpus.empty() && !bind_this_process(spec.cpus[member % spec.cpus.size()], {}))
    _exit(exit_not_bound);
  for (uint32_t round = 0; round < spec.rounds; ++round) {
    shared.await_all(round, !spec.shares_cores);
    shared.end_share(round, spec.share(member));
  }
  _exit(0);
}

Result<Child> fork_member(const GangSpec& spec, SharedRounds& shared, uint32_t member) {
  const pid_t caller = getpid();
  const pid_t pid = fork();
  if (pid < 0) return refused("start", "member " + std::to_string(member) + " of the gang");
  if (pid == 0) live(spec, shared, member, caller);
  setpgid(pid, pid);  // also here: whichever comes first
  Child child(pid, UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))));
  if (child.pidfd() < 0)
    return failure("cannot watch the gang: " + reason_of(errno) + "; Linux 5.3 or later is needed");
  return child;
}

std::string end_text(const GangSpec& spec, uint32_t member, const ChildEnd& end) {
  const std::string who =
      "member " + std::to_string(member) + " of the gang of " + std::to_string(spec.members);
  if (end.by_signal()) return who + " was killed by signal " + std::to_string(end.signal());
  if (end.exit_code() == exit_not_bound)
    return who + " cannot be bound to cpus " + spec.cpus[member % spec.cpus.size()].text() +
           "; the cpus that may be used have changed";
  return who + " ended with status " + std::to_string(end.exit_code());
}

/// Reaps every member; fails with the first that did not end well, leaving the others.
Result<void> reap_all(const GangSpec& spec, std::vector<Child>& members, GangReport& report) {
  std::vector<pollfd> ends;
  ends.reserve(members.size());
  for (const Child& member : members) ends.push_back({member.pidfd(), POLLIN, 0});
  for (size_t left = members.size(); left > 0;) {
    if (poll(ends.data(), ends.size(), -1) < 0 && errno != EINTR) return failure("poll: " + reason_of(errno));
    for (size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      ends[i] = {-1, 0, 0};
      --left;
      const Result<ChildEnd> end = members[i].reap();
      if (!end) return tl::unexpected(end.error());
      if (end->status != 0) return failure(end_text(spec, static_cast<uint32_t>(i), *end));
      report.cpu_s += end->cpu_s;
      report.max_rss_mib = std::max(report.max_rss_mib, end->max_rss_mib);
    }
  }
  return {};
}

}  // namespace

Result<GangReport> run_gang(const GangSpec& spec) {
  Result<SharedRounds> shared = SharedRounds::make(spec.members, spec.rounds);
  if (!shared) return tl::unexpected(shared.error());
  std::vector<Child> members;
  members.reserve(spec.members);
  for (uint32_t member = 0; member < spec.members; ++member) {
    Result<Child> child = fork_member(spec, *shared, member);
    if (!child) return tl::unexpected(child.error());
    members.push_back(std::move(*child));
  }
  GangReport report;
  if (const Result<void> reaped = reap_all(spec, members, report); !reaped)
    return tl::unexpected(reaped.error());
  for (uint32_t round = 0; round < spec.rounds; ++round) report.rounds.push_back(shared->result(round));
  return report;
}

}  // namespace sweepd
