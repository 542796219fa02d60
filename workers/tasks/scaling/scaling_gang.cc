#include "workers/tasks/scaling/scaling_gang.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "runner/platform/binding.h"
#include "runner/platform/child_process.h"
#include "runner/platform/system_error.h"

namespace sweepd {
namespace {

constexpr int exit_not_bound = 3;

std::string reason_of(int error) { return std::generic_category().message(error); }

uint32_t members_here(const GangSpec& spec) {
  return spec.here.empty() ? spec.members : static_cast<uint32_t>(spec.here.size());
}

/// The number of a member in its whole gang.
uint32_t number_of(const GangSpec& spec, size_t place) {
  return spec.here.empty() ? static_cast<uint32_t>(place) : spec.here[place];
}

/// The life of a member. What its share throws ends it by std::terminate: a signal, as seen from the caller.
[[noreturn]] void live(const GangSpec& spec, SharedRounds& shared, uint32_t member, pid_t caller) noexcept {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != caller) _exit(1);
  if (!spec.cpus.empty() && !bind_this_process(spec.cpus[member % spec.cpus.size()], {}))
    _exit(exit_not_bound);
  for (uint32_t round = 0; round < spec.rounds; ++round) {
    if (spec.outer != nullptr) shared.await_gate(round);
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

/// Watches over the members until all have ended.
class GangWatch {
 public:
  GangWatch(const GangSpec& spec, SharedRounds& shared, std::vector<Child>& members)
      : spec_(spec), shared_(shared), members_(members) {
    for (const Child& member : members) polled_.push_back({member.pidfd(), POLLIN, 0});
    polled_.push_back({shared.gate_fd(), POLLIN, 0});
    polled_.push_back({spec.outer != nullptr ? spec.outer->fd() : -1, POLLIN, 0});
  }

  /// Reaps every member; fails with the first that did not end well, leaving the others.
  Result<void> run(GangReport& report) {
    for (size_t left = members_.size(); left > 0;) {
      if (poll(polled_.data(), polled_.size(), -1) < 0 && errno != EINTR)
        return failure("poll: " + reason_of(errno));
      for (size_t place = 0; place < members_.size(); ++place) {
        if (polled_[place].fd < 0 || polled_[place].revents == 0) continue;
        polled_[place] = {-1, 0, 0};
        --left;
        if (auto reaped = reap(place, report); !reaped) return reaped;
      }
      if (spec_.outer == nullptr) continue;
      if (auto obeyed = obey_barrier(); !obeyed) return obeyed;
    }
    return {};
  }

 private:
  Result<void> reap(size_t place, GangReport& report) {
    const Result<ChildEnd> end = members_[place].reap();
    if (!end) return tl::unexpected(end.error());
    if (end->status != 0) return failure(end_text(spec_, number_of(spec_, place), *end));
    report.cpu_s += end->cpu_s;
    report.max_rss_mib = std::max(report.max_rss_mib, end->max_rss_mib);
    return {};
  }

  Result<void> obey_barrier() {
    if (shared_.all_came_to_gate())
      spec_.outer->arrive(next_, next_ == 0 ? GangRound{} : shared_.result(next_ - 1));
    const Result<bool> begins = spec_.outer->may_begin(next_);
    if (!begins) return tl::unexpected(begins.error());
    if (*begins) shared_.open_gate(next_++);
    return {};
  }

  const GangSpec& spec_;
  SharedRounds& shared_;
  std::vector<Child>& members_;
  std::vector<pollfd> polled_;  // the members, the gate, the outer barrier
  uint32_t next_ = 0;           // the round that has not begun
};

}  // namespace

Result<GangReport> run_gang(const GangSpec& spec) {
  const uint32_t count = members_here(spec);
  Result<SharedRounds> shared = SharedRounds::make(count, spec.rounds, spec.outer != nullptr);
  if (!shared) return tl::unexpected(shared.error());
  std::vector<Child> members;
  members.reserve(count);
  for (uint32_t place = 0; place < count; ++place) {
    Result<Child> child = fork_member(spec, *shared, number_of(spec, place));
    if (!child) return tl::unexpected(child.error());
    members.push_back(std::move(*child));
  }
  GangReport report;
  if (const Result<void> watched = GangWatch(spec, *shared, members).run(report); !watched)
    return tl::unexpected(watched.error());
  for (uint32_t round = 0; round < spec.rounds; ++round) report.rounds.push_back(shared->result(round));
  return report;
}

}  // namespace sweepd
