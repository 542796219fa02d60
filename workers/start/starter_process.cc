#include "workers/start/starter_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

namespace sweepd {
namespace {

/// This process is killed when its parent ends; exits at once if that has happened already.
void die_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
}

/// Terminal and batch system signal the whole group or job; only the coordinator answers.
void ignore_stop_signals() {
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGQUIT})
    signal(signal_number, SIG_IGN);
}

class StarterProcess {
 public:
  StarterProcess(const Staffing& staffing, const Cells& cells, UniqueFd socket)
      : staffing_(staffing), cells_(cells), socket_(std::move(socket)), pids_(staffing.posts.size(), 0) {
    sigemptyset(&child_ended_);
    sigaddset(&child_ended_, SIGCHLD);
    sigprocmask(SIG_SETMASK, &child_ended_, nullptr);
    deaths_ = UniqueFd(signalfd(-1, &child_ended_, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  void run() {
    while (true) {
      pollfd fds[] = {{socket_.get(), POLLIN, 0}, {deaths_.get(), POLLIN, 0}};
      if (poll(fds, 2, -1) < 0 && errno != EINTR) break;
      if (fds[1].revents != 0) reap();
      if (fds[0].revents != 0 && !follow_order()) break;
    }
    for (const pid_t pid : pids_)
      if (pid > 0) kill(pid, SIGKILL);
    while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
    }
  }

 private:
  bool follow_order() {
    OrderMessage order{};
    iovec part{&order, sizeof order};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t n = recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR) return true;
    if (n != sizeof order || order.worker >= pids_.size()) return false;
    if (order.order == StarterOrder::kill) {
      if (pids_[order.worker] > 0) kill(pids_[order.worker], SIGKILL);
      return true;
    }
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr) return false;
    int channel = -1;
    std::memcpy(&channel, CMSG_DATA(header), sizeof(int));
    start(order.worker, UniqueFd(channel));
    return true;
  }

  void start(uint32_t worker, UniqueFd channel) {
    const pid_t self = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
      die_with(self);
      socket_.reset();
      deaths_.reset();
      signal(SIGCHLD, SIG_DFL);
      sigprocmask(SIG_UNBLOCK, &child_ended_, nullptr);
      become_worker(worker, channel);
    }
    if (pid < 0) return report({worker, W_EXITCODE(0, SIGABRT)});
    pids_[worker] = pid;
  }

  [[noreturn]] void become_worker(uint32_t worker, const UniqueFd& channel) {
    if (staffing_.method == StartMethod::spawn) exec_worker(worker, channel);
    prctl(PR_SET_NAME, "sweepd-worker");
    _exit(run_worker(staffing_.sweep, staffing_.posts[worker], staffing_.sweep_directory + "/chunks", channel,
                     cells_));
  }

  [[noreturn]] void exec_worker(uint32_t worker, const UniqueFd& channel) {
    // Above both targets first, so that neither dup2 closes what the other needs.
    const int high_channel = fcntl(channel.get(), F_DUPFD, spawned_cells_fd + 1);
    const int high_cells = fcntl(cells_.fd(), F_DUPFD, spawned_cells_fd + 1);
    if (high_channel >= 0 && high_cells >= 0) {
      dup2(high_channel, spawned_channel_fd);
      dup2(high_cells, spawned_cells_fd);
      close(high_channel);
      close(high_cells);
      std::vector<std::string> arguments = worker_arguments(staffing_, worker);
      std::vector<char*> argv = {const_cast<char*>("sweepd")};
      for (std::string& argument : arguments) argv.push_back(argument.data());
      argv.push_back(nullptr);
      execv("/proc/self/exe", argv.data());
    }
    _exit(127);
  }

  void reap() {
    signalfd_siginfo ignored;
    while (read(deaths_.get(), &ignored, sizeof ignored) > 0) {
    }
    int status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      for (uint32_t worker = 0; worker < pids_.size(); ++worker) {
        if (pids_[worker] != pid) continue;
        pids_[worker] = 0;
        report({worker, status});
      }
    }
  }

  void report(const WorkerDeath& death) { send(socket_.get(), &death, sizeof death, MSG_NOSIGNAL); }

  const Staffing& staffing_;
  const Cells& cells_;
  UniqueFd socket_;
  UniqueFd deaths_;
  sigset_t child_ended_{};
  std::vector<pid_t> pids_;  // by worker; 0: none
};

}  // namespace

void run_starter(const Staffing& staffing, const Cells& cells, UniqueFd socket, pid_t parent) {
  die_with(parent);
  prctl(PR_SET_NAME, "sweepd-starter");
  ignore_stop_signals();
  StarterProcess(staffing, cells, std::move(socket)).run();
  _exit(0);
}

}  // namespace sweepd
