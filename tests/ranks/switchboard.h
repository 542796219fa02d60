// Switchboard: three ranks without MPI. A thread carries the packets between their sockets.
#pragma once

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "runner/platform/unique_fd.h"
#include "workers/start/ranks/relay_packets.h"

namespace sweepd {

inline constexpr uint32_t ranks = 3;

inline std::string packet(RelayPacket kind, uint32_t rank, std::string_view bytes) {
  const RelayHeader header{kind, rank};
  return std::string(reinterpret_cast<const char*>(&header), sizeof header).append(bytes);
}

/// What the relays are together: carries packets between the ranks' sockets, except to and from those that
/// are cut.
class Switchboard {
 public:
  Switchboard() {
    for (uint32_t rank = 0; rank < ranks; ++rank) {
      int fds[2];
      REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0);
      agents_[rank].reset(fds[0]);
      ours_[rank].reset(fds[1]);
      const auto text =
          packet(RelayPacket::joined, rank, {reinterpret_cast<const char*>(&ranks), sizeof ranks});
      send(fds[1], text.data(), text.size(), 0);
    }
  }
  ~Switchboard() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
  }
  UniqueFd socket_of(uint32_t rank) { return std::move(agents_[rank]); }
  /// Once all other ranks have been forked.
  void begin() {
    for (UniqueFd& fd : agents_) fd.reset();
    thread_ = std::thread([this] { carry(); });
  }
  void cut(uint32_t rank) { cut_[rank] = true; }
  /// For a forked rank, which has no use for the others' ends.
  void forget() {
    for (UniqueFd& fd : agents_) fd.reset();
    for (UniqueFd& fd : ours_) fd.reset();
  }

 private:
  void carry() {
    while (!over_) {
      pollfd polled[ranks];
      for (uint32_t rank = 0; rank < ranks; ++rank) polled[rank] = {ours_[rank].get(), POLLIN, 0};
      if (poll(polled, ranks, 5) <= 0) continue;
      for (uint32_t rank = 0; rank < ranks; ++rank)
        if (polled[rank].revents != 0) carry_from(rank);
    }
  }

  void carry_from(uint32_t rank) {
    std::string buffer(sizeof(RelayHeader) + max_packet_bytes, '\0');
    const ssize_t n = recv(ours_[rank].get(), buffer.data(), buffer.size(), 0);
    if (n < static_cast<ssize_t>(sizeof(RelayHeader))) {
      ours_[rank].reset();
      if (rank != 0 && !cut_[rank]) pass_on(0, packet(RelayPacket::gone, rank, {}));
      return;
    }
    RelayHeader header{};
    std::memcpy(&header, buffer.data(), sizeof header);
    if (header.kind != RelayPacket::message || cut_[rank] || cut_[header.rank]) return;
    pass_on(header.rank, packet(RelayPacket::message, rank,
                                {buffer.data() + sizeof header, static_cast<size_t>(n) - sizeof header}));
  }

  void pass_on(uint32_t rank, const std::string& text) {
    if (ours_[rank]) send(ours_[rank].get(), text.data(), text.size(), MSG_NOSIGNAL);
  }

  UniqueFd agents_[ranks];
  UniqueFd ours_[ranks];
  std::atomic<bool> cut_[ranks] = {};
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace sweepd
