// How much memory processes use, from proc(5). Knows nothing of limits.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>

namespace sweepd {

/// The resident memory (RSS) of all of them, in bytes. A page that several have counts for each; a process
/// that runs in its parent's memory, as between vfork(2) and execve(2), does not count. Processes that have
/// ended count nothing.
uint64_t resident_bytes(std::span<const pid_t> processes);

/// The same with shared pages counted by share (PSS): where n processes have a page, each counts 1/n of it.
/// Linux walks their page tables for it, some milliseconds a GiB. A process that may not be looked into
/// counts with all that is resident.
uint64_t proportional_bytes(std::span<const pid_t> processes);

}  // namespace sweepd
