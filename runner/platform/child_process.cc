#include "runner/platform/child_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <string>
#include <system_error>

#include "runner/platform/inherited_signals.h"
#include "runner/platform/system_error.h"

// The C library's clone() under the name that ThreadSanitizer does not intercept: its wrapper takes the child
// for a fork and would rewrite the state it shares with the parent.
extern "C" int __clone(int (*function)(void*), void* stack, int flags, void* argument, ...);  // NOLINT

namespace sweepd {
namespace {

enum class Step { none, orphaned, descriptors, directory, execute };

// Shared by parent and child, which run in the same memory until the child executes its program.
struct Birth {
  const ChildSpec& spec;
  const InheritedSignals& signals;
  pid_t parent;
  Step failed = Step::none;
  int error = 0;
};

// Between clone and exec the child shares the parent's memory, so it makes bare system calls only: library
// functions may take locks or allocate, and sanitizers wrap them with records of their own.
#define SWEEPD_UNINSTRUMENTED __attribute__((noinline, no_sanitize("address", "thread", "undefined")))

SWEEPD_UNINSTRUMENTED void leave(Birth& birth, Step step) {
  birth.error = errno;
  birth.failed = step;
  syscall(SYS_exit_group, 127);
}

SWEEPD_UNINSTRUMENTED void bind_to_parent(Birth& birth) {
  syscall(SYS_setpgid, 0, 0);
  syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (syscall(SYS_getppid) != birth.parent) leave(birth, Step::orphaned);
}

// Handlers go before the mask does: one of the parent's must not run here.
SWEEPD_UNINSTRUMENTED void restore_signals(const InheritedSignals& signals) {
  constexpr int last_signal = 64;
  constexpr size_t mask_bytes = last_signal / 8;
  // The kernel's own struct sigaction, whose first member is the action: 0 the default one, 1 to ignore it.
  static constexpr unsigned long by_default[8] = {};
  static constexpr unsigned long to_ignore[8] = {1};
  for (int signal = 1; signal <= last_signal; ++signal) {
    const bool is_ignored = (signals.ignored >> (signal - 1) & 1) != 0;
    syscall(SYS_rt_sigaction, signal, is_ignored ? to_ignore : by_default, nullptr, mask_bytes);
  }
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &signals.blocked, nullptr, mask_bytes);
}

// Before the group has members that could outlive this process's parent.
SWEEPD_UNINSTRUMENTED void stand_under(int guard) {
  if (guard < 0) return;
  syscall(SYS_fcntl, guard, F_SETOWN, -syscall(SYS_getpid));
  syscall(SYS_fcntl, guard, F_SETFD, 0);
}

// Above 2, so that no descriptor is overwritten before it is copied, and none is copied onto itself.
SWEEPD_UNINSTRUMENTED int lifted(Birth& birth, int fd) {
  if (fd > 2) return fd;
  const long copy = syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) leave(birth, Step::descriptors);
  return static_cast<int>(copy);
}

SWEEPD_UNINSTRUMENTED void place_descriptors(Birth& birth) {
  const int in = lifted(birth, birth.spec.in_fd);
  const int out = lifted(birth, birth.spec.out_fd);
  const int err = lifted(birth, birth.spec.err_fd);
  if (syscall(SYS_dup3, in, 0, 0) < 0 || syscall(SYS_dup3, out, 1, 0) < 0 || syscall(SYS_dup3, err, 2, 0) < 0)
    leave(birth, Step::descriptors);
}

SWEEPD_UNINSTRUMENTED int run_child(void* argument) {
  Birth& birth = *static_cast<Birth*>(argument);
  const ChildSpec& spec = birth.spec;
  bind_to_parent(birth);
  restore_signals(birth.signals);
  if (spec.directory_fd >= 0 && syscall(SYS_fchdir, spec.directory_fd) != 0) leave(birth, Step::directory);
  place_descriptors(birth);
  // Also what our own parent left open: MPI launchers hand down sockets that are not close-on-exec.
  syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
  stand_under(spec.guard_fd);
  syscall(SYS_execve, spec.path, spec.argv, spec.envp);
  leave(birth, Step::execute);
  return 0;
}

class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

std::string advice(int error) {
  switch (error) {
    case ENOEXEC:
      return "; a script needs a first line such as #!/bin/sh, a program must be built for this machine";
    case ENOENT:
      return "; it, or the interpreter that its first line names, does not exist";
    case E2BIG:
      return "; its arguments and environment are longer than the system allows";
    case EACCES:
      return "; see that it may be executed (chmod +x) and that its file system allows programs";
    case ETXTBSY:
      return "; another process has it open for writing, end that one";
    default:
      return "";
  }
}

tl::unexpected<Error> start_failure(const char* path, Step step, int error) {
  const std::string name = '\'' + std::string(path) + '\'';
  Error failed = step == Step::directory ? system_error("enter the working directory of", name, error)
                                         : system_error("start", name, error);
  if (failed.is_shortage || step == Step::directory) return tl::unexpected(failed);
  failed.message += advice(error);
  failed.is_shortage = error == ETXTBSY;  // it passes, as when the program is just being written
  return tl::unexpected(failed);
}

pid_t wait_for(pid_t pid, int* status, rusage* usage) {
  pid_t reaped = -1;
  do reaped = wait4(pid, status, 0, usage);
  while (reaped < 0 && errno == EINTR);
  return reaped;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

bool ChildEnd::by_signal() const { return WIFSIGNALED(status); }
int ChildEnd::exit_code() const { return WEXITSTATUS(status); }
int ChildEnd::signal() const { return WTERMSIG(status); }

Child::~Child() {
  if (pid_ <= 0) return;
  signal_group(SIGKILL);
  wait_for(pid_, nullptr, nullptr);
}

void Child::signal_group(int signal) const {
  kill(-pid_, signal);
  if (getpgid(pid_) != pid_) kill(pid_, signal);
}

Result<ChildEnd> Child::reap() {
  ChildEnd end;
  rusage usage{};
  const pid_t reaped = wait_for(std::exchange(pid_, 0), &end.status, &usage);
  if (reaped < 0)
    return failure("cannot learn how a command ended: " + std::generic_category().message(errno) +
                   "; SIGCHLD must not be ignored");
  end.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  end.max_rss_mib = static_cast<double>(usage.ru_maxrss) / 1024;  // Linux counts KiB
  return end;
}

Result<Child> start_child(const ChildSpec& spec) {
  // The child runs on this array while this thread sleeps; it needs a few hundred bytes.
  alignas(64) std::byte stack[16 * 1024];
  Birth birth{spec, inherited_signals(), getpid()};
  int pidfd = -1;
  pid_t pid = -1;
  int clone_error = 0;
  {
    const AllSignalsBlocked blocked;
    pid = __clone(run_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &birth,
                  &pidfd);
    clone_error = errno;
  }
  if (pid < 0) return start_failure(spec.path, Step::execute, clone_error);
  UniqueFd owned_pidfd(pidfd);
  if (birth.failed != Step::none) {
    wait_for(pid, nullptr, nullptr);
    return start_failure(spec.path, birth.failed, birth.error);
  }
  Child child(pid, std::move(owned_pidfd));
  if (pidfd < 0) return failure("this Linux gives no pidfd to watch commands by; 5.9 or later is needed");
  return child;
}

}  // namespace sweepd
