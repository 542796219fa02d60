#include "workers/start/starter.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "runner/platform/process_tree.h"
#include "runner/platform/system_error.h"
#include "workers/start/starter_process.h"

namespace sweepd {
namespace {

// A starter that lives obeys at once; one that is stopped (SIGSTOP) does so later.
constexpr int obedience_ms = 1000;

Result<std::array<UniqueFd, 2>> packet_pair() {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
    return refused("make a channel to", "the workers");
  return std::array{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

bool send_order(int socket, const OrderMessage& order, int descriptor) {
  iovec part{const_cast<OrderMessage*>(&order), sizeof order};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
  }
  ssize_t n = 0;
  do n = sendmsg(socket, &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n == sizeof order;
}

}  // namespace

Result<Starter> Starter::launch(const Staffing& staffing, const Cells& cells) {
  auto pair = packet_pair();
  if (!pair) return tl::unexpected(pair.error());
  std::vector<pid_t> strangers = children_of_this_process();
  adopt_orphans();
  const pid_t pid = fork();
  if (pid < 0) return refused("start", "the process that starts workers");
  if (pid == 0) {
    (*pair)[0].reset();
    run_starter(staffing, cells, std::move((*pair)[1]));
  }
  return Starter(pid, std::move((*pair)[0]), std::move(strangers));
}

Starter::Starter(pid_t pid, UniqueFd socket, std::vector<pid_t> strangers)
    : pid_(pid), socket_(std::move(socket)), strangers_(std::move(strangers)) {}

Starter::Starter(Starter&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      socket_(std::move(other.socket_)),
      strangers_(std::move(other.strangers_)),
      deaths_(std::move(other.deaths_)) {}

void Starter::end() {
  if (pid_ < 0) return;
  socket_.reset();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  end_all_children(strangers_);
}

Error starter_was_killed() {
  return {.message = "the process that starts workers was killed", .where = {}, .is_shortage = true};
}

Result<UniqueFd> Starter::start(WorkerId worker) {
  auto pair = packet_pair();
  if (!pair) return tl::unexpected(pair.error());
  if (!send_order(socket_.get(), {StarterOrder::start, worker}, (*pair)[1].get()))
    return tl::unexpected(starter_was_killed());
  return std::move((*pair)[0]);
}

void Starter::kill(WorkerId worker) { send_order(socket_.get(), {StarterOrder::kill, worker}, -1); }

void Starter::suspend() {
  if (send_order(socket_.get(), {StarterOrder::suspend, {}}, -1)) await_obedience();
}

void Starter::resume() {
  if (send_order(socket_.get(), {StarterOrder::resume, {}}, -1)) await_obedience();
}

void Starter::await_obedience() {
  StarterMessage message{};
  pollfd polled{socket_.get(), POLLIN, 0};
  while (poll(&polled, 1, obedience_ms) > 0 &&
         recv(socket_.get(), &message, sizeof message, 0) == sizeof message) {
    if (message.news == StarterNews::obeyed) return;
    deaths_.push_back(message.death);
  }
}

std::optional<WorkerDeath> Starter::receive_death() {
  StarterMessage message{};
  ssize_t n = 0;
  do n = recv(socket_.get(), &message, sizeof message, MSG_DONTWAIT);
  while ((n < 0 && errno == EINTR) || (n == sizeof message && message.news == StarterNews::obeyed));
  if (n == sizeof message) deaths_.push_back(message.death);
  if (deaths_.empty()) return std::nullopt;
  const WorkerDeath death = deaths_.front();
  deaths_.pop_front();
  return death;
}

}  // namespace sweepd
