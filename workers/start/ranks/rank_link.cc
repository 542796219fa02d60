#include "workers/start/ranks/rank_link.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runner/platform/clock.h"

namespace sweepd {
namespace {

// Launchers start thousands of ranks within a minute; file servers may make it longer.
constexpr std::chrono::minutes longest_join(5);

struct Packet {
  RelayHeader header{};
  std::string bytes;
};

/// None where there is none, or the other end is closed.
std::optional<Packet> take(int socket, bool& closed) {
  char buffer[sizeof(RelayHeader) + max_packet_bytes];
  ssize_t n = 0;
  do n = recv(socket, buffer, sizeof buffer, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n < 0 && errno == EAGAIN) return std::nullopt;
  if (n < static_cast<ssize_t>(sizeof(RelayHeader))) {
    closed = true;
    return std::nullopt;
  }
  Packet packet;
  std::memcpy(&packet.header, buffer, sizeof packet.header);
  packet.bytes.assign(buffer + sizeof packet.header, static_cast<size_t>(n) - sizeof packet.header);
  return packet;
}

/// False where `limit` passed.
bool wait_for(int socket, Duration limit) {
  pollfd polled{socket, POLLIN, 0};
  return poll(&polled, 1,
              static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(limit).count())) > 0;
}

void put(int socket, RelayPacket kind, uint32_t rank, std::string_view bytes) {
  RelayHeader header{kind, rank};
  iovec parts[] = {{&header, sizeof header}, {const_cast<char*>(bytes.data()), bytes.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  while (sendmsg(socket, &message, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

// It waits in MPI for ranks that do not come, for ever.
void end_relay() { kill(getppid(), SIGKILL); }

}  // namespace

Result<RankLink> RankLink::join(UniqueFd socket, const Launch& launch) {
  const std::string started = "started as " + std::to_string(launch.ranks) + " ranks, ";
  RankLink link(std::move(socket), launch);
  if (!wait_for(link.fd(), longest_join)) {
    end_relay();
    return failure(started + "but some did not come within " + std::to_string(longest_join.count()) +
                   " minutes; see the launcher's messages, and whether every node can start programs");
  }
  const auto packet = take(link.fd(), link.closed_);
  if (!packet) return failure(started + "but MPI could not be started; see its messages above");
  if (packet->header.kind == RelayPacket::unusable)
    return failure(
        started + "but MPI cannot be used: " + packet->bytes +
        "; install MPICH and build sweepd with it, or start sweepd once: without a launcher it starts a "
        "worker on each core of this machine");
  uint32_t ranks = 0;
  if (packet->bytes.size() == sizeof ranks) std::memcpy(&ranks, packet->bytes.data(), sizeof ranks);
  if (ranks != launch.ranks)
    return failure(
        started + "but MPI says " + std::to_string(ranks) +
        ": sweepd's MPI module was built with another MPI than the launcher's; use that MPI's own mpirun, or "
        "build sweepd with the launcher's MPI");
  link.launch_.rank = packet->header.rank;
  return link;
}

std::optional<RankMessage> RankLink::receive() {
  if (closed_) return std::nullopt;
  auto packet = take(fd(), closed_);
  if (!packet) return std::nullopt;
  return RankMessage{packet->header.rank, packet->header.kind == RelayPacket::gone, std::move(packet->bytes)};
}

std::optional<RankMessage> RankLink::await(Duration limit) {
  const int64_t end_ns = monotonic_ns() + limit.count();
  while (!closed_) {
    if (auto message = receive()) return message;
    const Duration left(end_ns - monotonic_ns());
    if (closed_ || left <= Duration::zero()) break;
    wait_for(fd(), left);
  }
  return std::nullopt;
}

void RankLink::send(uint32_t rank, std::string_view bytes) { put(fd(), RelayPacket::message, rank, bytes); }

void RankLink::let_all_leave() { put(fd(), RelayPacket::leave, 0, {}); }

}  // namespace sweepd
