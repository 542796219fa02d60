// How much processor time the control groups of this process allow it.
#pragma once

#include <optional>
#include <string>

namespace sweepd {

/// The tightest limit on the way from this process's control group to the topmost one that can be seen, in
/// processors (2.5: two and a half seconds of processor time a second); none without a limit or where it
/// cannot be read. Read from cpu.max (cgroup v2) and cpu.cfs_quota_us / cpu.cfs_period_us (v1), as in the
/// kernel's Documentation/admin-guide/cgroup-v2.rst and Documentation/scheduler/sched-bwc.rst. `root` stands
/// before /proc/self and before the mount points named there.
std::optional<double> cpu_quota(const std::string& root = "");

}  // namespace sweepd
