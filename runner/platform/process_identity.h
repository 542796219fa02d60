// Who a process is, beyond its number, which the system gives out again.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace sweepd {

/// When a process was started, in clock ticks since the machine was (field 22 of /proc/PID/stat, proc(5));
/// none where there is no such process, or /proc does not show it.
std::optional<uint64_t> start_ticks(pid_t pid);

/// Whether the process of this number that was started then is there still; one that is dead and not yet
/// waited for is not. None where it cannot be told: the number is in use, and /proc does not show by what (it
/// is another user's and hidden, or there is no /proc).
std::optional<bool> process_lives(pid_t pid, uint64_t started_ticks);

std::string host_name();

/// Equal for processes that run under one kernel, until it is started anew.
std::string boot_id();

/// What process numbers mean here: equal for two processes that see each other's, until the machine is
/// started anew. Empty where /proc does not tell.
std::string pid_space();

}  // namespace sweepd
