// The processes below this one: who they are, and how to signal and end all of them. Knows nothing of
// commands and workers.
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <vector>

namespace sweepd {

/// From now on orphans among this process's descendants become children of its own instead of process 1's
/// (PR_SET_CHILD_SUBREAPER, prctl(2)): so not even a daemon gets away. execve(2) keeps this, fork(2) does
/// not.
void adopt_orphans();

/// Whether this process has children, ended ones that it has not reaped included. One system call.
bool has_children();

/// None where there is no such process.
std::optional<pid_t> parent_of(pid_t pid);

/// The children of this process.
std::vector<pid_t> children_of_this_process();

/// The processes below `root` at this moment, parents before their children, ended ones that were not reaped
/// included. A process that forks or ends meanwhile may hide some.
std::vector<pid_t> descendants_of(pid_t root);

/// The same by a look at every process there is: for a Linux that lists no children (CONFIG_PROC_CHILDREN).
std::vector<pid_t> descendants_by_parents(pid_t root);

/// Sends SIGSTOP to all processes below this one, those included that are started meanwhile.
void stop_descendants();

/// Sends SIGCONT to all processes below this one, children before their parents.
void continue_descendants();

/// Kills (SIGKILL) and reaps every child of this process and what is below it, again and again until there is
/// none: orphans of the killed arrive as new children where adopt_orphans() was called. `spared` children and
/// what is below them are left alone, and so are children that run as another user and must not be killed.
void end_all_children(std::span<const pid_t> spared = {});

}  // namespace sweepd
