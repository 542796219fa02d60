#include "workers/start/starter_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "runner/platform/inherited_signals.h"
#include "runner/platform/memory_file.h"
#include "runner/platform/process_tree.h"
#include "runner/platform/system_error.h"
#include "workers/start/tickets.h"

namespace sweepd {
namespace {

/// This process is killed when its parent ends; exits at once if that has happened already.
void die_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
}

/// Terminal and batch system signal the whole group or job; only the coordinator answers.
void ignore_stop_signals() {
  for (const int signal_number :
       {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU})
    signal(signal_number, SIG_IGN);
}

/// fork(2), tried again for a third of a second: processes that are ending make room.
pid_t fork_patiently() {
  pid_t pid = fork();
  for (int pause_ms = 5; pid < 0 && pause_ms <= 160; pause_ms *= 2) {
    poll(nullptr, 0, pause_ms);
    pid = fork();
  }
  return pid;
}

class StarterProcess {
 public:
  StarterProcess(const Staffing& staffing, const Cells& cells, UniqueFd socket)
      : staffing_(staffing), cells_(cells), socket_(std::move(socket)), pids_(staffing.posts.size(), 0) {
    sigemptyset(&child_ended_);
    sigaddset(&child_ended_, SIGCHLD);
    sigset_t mask = inherited_signals().mask();
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_SETMASK, &mask, nullptr);
    deaths_ = UniqueFd(signalfd(-1, &child_ended_, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  void run() {
    while (true) {
      pollfd fds[] = {{socket_.get(), POLLIN, 0}, {deaths_.get(), POLLIN, 0}};
      if (poll(fds, 2, -1) < 0 && errno != EINTR) break;
      if (fds[1].revents != 0) reap();
      if (fds[0].revents != 0 && !follow_order()) break;
    }
    end_all_children();
  }

 private:
  /// False where there will be no more.
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
    if (n != sizeof order || order.worker.number >= pids_.size()) return false;
    UniqueFd channel;
    if (const cmsghdr* header = CMSG_FIRSTHDR(&message)) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(header), sizeof(int));
      channel.reset(descriptor);
    }
    carry_out(order, std::move(channel));
    return true;
  }

  void carry_out(const OrderMessage& order, UniqueFd channel) {
    switch (order.order) {
      case StarterOrder::start:
        return start(order.worker, std::move(channel));
      case StarterOrder::kill:
        if (pids_[order.worker.number] > 0) kill(pids_[order.worker.number], SIGKILL);
        return;
      case StarterOrder::suspend:
        stop_descendants();
        return send({StarterNews::obeyed, {}});
      case StarterOrder::resume:
        continue_descendants();
        return send({StarterNews::obeyed, {}});
    }
  }

  void start(WorkerId worker, UniqueFd channel) {
    const pid_t self = getpid();
    const pid_t pid = fork_patiently();
    if (pid == 0) {
      die_with(self);
      socket_.reset();
      deaths_.reset();
      const sigset_t mask = inherited_signals().mask();
      sigprocmask(SIG_SETMASK, &mask, nullptr);
      become_worker(worker, channel);
    }
    if (pid < 0) return send({StarterNews::death, {worker, 0, errno}});
    pids_[worker.number] = pid;
  }

  [[noreturn]] void become_worker(WorkerId worker, const UniqueFd& channel) {
    if (staffing_.method == StartMethod::spawn) exec_worker(worker, channel);
    prctl(PR_SET_NAME, "sweepd-worker");
    const CommonWork common{staffing_.sweep,
                            staffing_.kept,
                            {staffing_.sweep_directory + "/chunks", staffing_.staging},
                            staffing_.code};
    _exit(run_worker(common, staffing_.posts[worker.number], channel, cells_));
  }

  [[noreturn]] void exec_worker(WorkerId worker, const UniqueFd& channel) {
    // Above all targets first, so that no dup2 closes what another needs.
    const auto lifted = [](int fd) { return UniqueFd(fcntl(fd, F_DUPFD_CLOEXEC, spawned_ticket_fd + 1)); };
    const UniqueFd high_channel = lifted(channel.get());
    const UniqueFd high_cells = lifted(cells_.fd());
    const WorkerTicket identity{ticket_of(staffing_), staffing_.posts[worker.number],
                                static_cast<uint32_t>(staffing_.posts.size()), inherited_signals()};
    const UniqueFd ticket = memory_file("sweepd-ticket", bytes_of(identity));
    const UniqueFd high_ticket = ticket ? lifted(ticket.get()) : UniqueFd();
    if (high_channel && high_cells && high_ticket && dup2(high_channel.get(), spawned_channel_fd) >= 0 &&
        dup2(high_cells.get(), spawned_cells_fd) >= 0 && dup2(high_ticket.get(), spawned_ticket_fd) >= 0) {
      const char* const argv[] = {"sweepd", "worker", nullptr};
      execv("/proc/self/exe", const_cast<char* const*>(argv));
    }
    const Error error = system_error("start", "worker " + std::to_string(worker.number), errno);
    report_broken(high_channel ? high_channel : channel, error, 0);
    _exit(127);
  }

  void reap() {
    signalfd_siginfo ignored;
    while (read(deaths_.get(), &ignored, sizeof ignored) > 0) {
    }
    std::vector<WorkerDeath> deaths;
    int status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto place = std::ranges::find(pids_, pid);
      if (place == pids_.end()) continue;  // an orphan
      *place = 0;
      deaths.push_back({WorkerId{static_cast<uint32_t>(place - pids_.begin())}, status, 0});
    }
    if (!deaths.empty()) end_all_children(pids_);  // what they have left
    for (const WorkerDeath& death : deaths) send({StarterNews::death, death});
  }

  void send(const StarterMessage& message) { ::send(socket_.get(), &message, sizeof message, MSG_NOSIGNAL); }

  const Staffing& staffing_;
  const Cells& cells_;
  UniqueFd socket_;
  UniqueFd deaths_;
  sigset_t child_ended_{};
  std::vector<pid_t> pids_;  // by worker; 0: none
};

}  // namespace

void run_starter(const Staffing& staffing, const Cells& cells, UniqueFd socket) {
  adopt_orphans();
  prctl(PR_SET_NAME, "sweepd-starter");
  ignore_stop_signals();
  StarterProcess(staffing, cells, std::move(socket)).run();
  _exit(0);
}

}  // namespace sweepd
