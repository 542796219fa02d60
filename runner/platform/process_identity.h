// Who a process is, beyond its number, which the system gives out again.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace sweepd {

/// When a process was started, in clock ticks since the machine was (field 22 of /proc/PID/stat, proc(5));
/// none where there is no such process.
std::optional<uint64_t> start_ticks(pid_t pid);

std::string host_name();

/// Equal for processes that run under one kernel, until it is started anew.
std::string boot_id();

/// What process numbers mean here: equal for two processes that see each other's, until the machine is
/// started anew.
std::string pid_space();

}  // namespace sweepd
