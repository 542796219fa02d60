#include "workers/start/starter.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "workers/start/starter_process.h"

namespace sweepd {
namespace {

tl::unexpected<Error> refused(const char* what) {
  return failure(std::string("cannot ") + what + ": " + std::strerror(errno));
}

Result<std::array<UniqueFd, 2>> packet_pair() {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) return refused("make a socket pair");
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
  const pid_t self = getpid();
  const pid_t pid = fork();
  if (pid < 0) return refused("fork the starter process");
  if (pid == 0) {
    (*pair)[0].reset();
    run_starter(staffing, cells, std::move((*pair)[1]), self);
  }
  return Starter(pid, std::move((*pair)[0]));
}

Starter::Starter(pid_t pid, UniqueFd socket) : pid_(pid), socket_(std::move(socket)) {}

Starter::Starter(Starter&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::move(other.socket_)) {}

Starter::~Starter() {
  if (pid_ < 0) return;
  socket_.reset();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Result<UniqueFd> Starter::start(uint32_t worker) {
  auto pair = packet_pair();
  if (!pair) return tl::unexpected(pair.error());
  if (!send_order(socket_.get(), {StarterOrder::start, worker}, (*pair)[1].get()))
    return refused("reach the starter process");
  return std::move((*pair)[0]);
}

void Starter::kill(uint32_t worker) { send_order(socket_.get(), {StarterOrder::kill, worker}, -1); }

std::optional<WorkerDeath> Starter::receive_death() {
  WorkerDeath death;
  ssize_t n = 0;
  do n = recv(socket_.get(), &death, sizeof death, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n != sizeof death) return std::nullopt;
  return death;
}

}  // namespace sweepd
