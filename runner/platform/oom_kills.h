// What the kernel does when memory runs out: which processes it takes first, and whether it has taken any. It
// does not know whose they were.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sweepd {

/// Counts the processes that the kernel has killed in this process's control group because memory ran out:
/// `oom_kill` in memory.events (cgroup v2) or memory.oom_control (v1), as in the kernel's
/// Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst. Memory of the group or of the whole
/// machine alike.
class OomKills {
 public:
  /// `root` stands before /proc/self and before the mount points named there.
  explicit OomKills(const std::string& root = "");

  /// Whether there were more since the last look (at first: since this was made). False where no such
  /// counter can be read.
  bool rose();

 private:
  std::optional<uint64_t> count() const;

  std::string file_;  ///< empty: there is none
  std::optional<uint64_t> last_;
};

/// How a process ended that SIGKILL ended: with a rise of OomKills, and, to be added to the signal, without
/// one.
inline constexpr const char* killed_for_memory =
    "killed by the kernel, since memory ran out (its control group's oom_kill counter)";
inline constexpr const char* killed_by_others =
    ", which sweepd did not send; often the system's answer where memory runs out";

/// From now on the kernel takes this process, and those it starts, rather than others of this user when
/// memory runs out: sets oom_score_adj (proc(5)) to 500, unless it is higher.
void volunteer_for_oom_kill();

}  // namespace sweepd
