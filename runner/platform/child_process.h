// Child processes: started at a cost that does not grow with the memory of the parent, signalled, and reaped.
// Knows nothing of commands, points or records, nor of what the descriptors it is given are for.
#pragma once

#include <sys/types.h>

#include <utility>

#include "runner/core/error.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

/// What to start. Everything pointed at lives until start_child() returns.
struct ChildSpec {
  const char* path;   ///< absolute, or relative to `directory_fd`; PATH is not searched
  char* const* argv;  ///< ends with a null pointer
  char* const* envp;  ///< ends with a null pointer
  int in_fd;          ///< become descriptors 0, 1 and 2; all others but the guard are closed
  int out_fd;
  int err_fd;
  int directory_fd = -1;  ///< the working directory; -1: the parent's
  int guard_fd = -1;      ///< of a GroupGuard for the child's process group; keeps its number; -1: none
};

/// How a child ended and what it and its own reaped children used.
struct ChildEnd {
  int status = 0;    ///< as wait4(2) gives it
  double cpu_s = 0;  ///< user and system time
  /// Peak resident set in MiB. Linux counts the memory of the parent in until the child's exec, so this is
  /// never below the parent's own peak at that time.
  double max_rss_mib = 0;

  bool by_signal() const;
  int exit_code() const;  ///< meaningful unless by_signal()
  int signal() const;     ///< meaningful if by_signal()
};

/// A child that was started and not yet reaped: the leader of a process group of its own. Destroying a child
/// that was not reaped kills its group and reaps it.
class Child {
 public:
  Child(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)), pidfd_(std::move(other.pidfd_)) {}
  Child& operator=(Child&&) = delete;
  ~Child();

  pid_t pid() const { return pid_; }
  /// Readable for poll(2) once the child has ended.
  int pidfd() const { return pidfd_.get(); }

  /// Sends `signal` to every process of the group, and to the child should it have left its group. The
  /// group's number cannot have been given to others, since the child is not reaped.
  void signal_group(int signal) const;

  /// Waits for the end and takes the child off the system's list. To be called once.
  Result<ChildEnd> reap();

 private:
  pid_t pid_;
  UniqueFd pidfd_;
};

/// Starts a program. The child
///   - leads a process group of its own,
///   - is killed when the thread that started it ends,
///   - has the signals ignored and blocked that sweepd was started with so, the others at their defaults,
///   - has descriptors 0, 1, 2 and the guard's as given and no other,
///   - inherits affinity, limits and user as they are.
/// The caller's thread sleeps until the program is being executed, as with vfork(2). That the program cannot
/// be executed is an error of this function, never an exit status; the error is a shortage where nothing is
/// wrong with the program itself (no more processes, memory or descriptors; a file server that is gone; a
/// program that is just being written). Safe in programs with several threads. Linux 5.9 or later.
Result<Child> start_child(const ChildSpec& spec);

}  // namespace sweepd
