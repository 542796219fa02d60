// The relay: carries packets between one agent and those of the other ranks, over MPI. It is the process
// that the launcher started; the agent was forked from it before MPI_Init, so no process that has MPI ever
// forks, and the agent waits for its workers and for other ranks in one ppoll. While nothing comes, the relay
// sleeps (idle_sleep.h).
//
// This is the only file that knows MPI, and only its C interface: built with another MPI-3 library it works
// with that.
#include <mpi.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "workers/start/mpi/idle_sleep.h"
#include "workers/start/ranks/relay_packets.h"

namespace sweepd {
namespace {

constexpr int64_t second_ns = 1'000'000'000;
// Reports come to rank 0 at any time, and a worker waits for the answer; other ranks wait for little else
// than answers.
constexpr int64_t longest_sleep_of_rank_0_ns = 8'000'000;
constexpr int64_t longest_sleep_ns = 16'000'000;
// Rank 0 says something every few seconds as long as it lives.
constexpr int64_t orphan_after_ns = 60 * second_ns;
constexpr int64_t longest_goodbye_ns = 3 * second_ns;

enum Tag : int { message_tag = 1, gone_tag, leave_tag };

/// MPI_Finalize of MPICH before 4.2 can wait for ever over TCP: a rank in its last barrier no longer answers
/// those that want their last messages acknowledged (MPICH's pull request 6596).
bool finalize_may_hang() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(text, &length);
  int major = 0;
  int minor = 0;
  const char* const version = std::strstr(text, "MPICH Version:");
  return version != nullptr && std::sscanf(version, "MPICH Version: %d.%d", &major, &minor) == 2 &&
         (major < 4 || (major == 4 && minor < 2));
}

/// What MPI_Finalize says to MPICH's launcher, which else takes the end of a process for a failure and kills
/// the other ranks: PMI's version 1 on the wire (Argonne's "PMI v1.1 wire protocol"). MPI itself says nothing
/// any more by then.
void sign_off() {
  const char* const descriptor = std::getenv("PMI_FD");
  if (descriptor == nullptr || std::getenv("MPI_LOCALRANKID") == nullptr) return;  // another launcher
  constexpr std::string_view last_word = "cmd=finalize\n";
  constexpr int patience_ms = 1000;
  char answer[64];
  pollfd launcher{std::atoi(descriptor), POLLIN, 0};
  if (write(launcher.fd, last_word.data(), last_word.size()) > 0 && poll(&launcher, 1, patience_ms) > 0)
    static_cast<void>(!read(launcher.fd, answer, sizeof answer));
}

class Relay {
 public:
  explicit Relay(int socket) : socket_(socket) {
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks_);
    const auto ranks = static_cast<uint32_t>(ranks_);
    idle_ = IdleSleep(rank_ == 0 ? longest_sleep_of_rank_0_ns : longest_sleep_ns);
    tell_agent(RelayPacket::joined, rank_, &ranks, sizeof ranks);
  }

  /// Whether rank 0 has let this rank leave.
  bool run() {
    while (!left_) {
      bool any = listen_to_agent();
      any |= listen_to_ranks();
      any |= tell();
      any |= forget_sent();
      if (any)
        idle_.note_news();
      else
        sleep();
      if (agent_ended_ && rank_ != 0 && IdleSleep::now_ns() - last_heard_ns_ > orphan_after_ns) left_ = true;
    }
    say_goodbye();
    return told_to_leave_;
  }

 private:
  // ---- the agent ----------------------------------------------------------------------------------------

  void tell_agent(RelayPacket kind, int rank, const void* bytes, size_t size) {
    const RelayHeader header{kind, static_cast<uint32_t>(rank)};
    std::string& packet = to_tell_.emplace_back(reinterpret_cast<const char*>(&header), sizeof header);
    packet.append(static_cast<const char*>(bytes), size);
    tell();
  }

  /// As far as the socket takes it: who waits for the other while that one waits for him waits for ever.
  bool tell() {
    bool any = false;
    while (!to_tell_.empty()) {
      const std::string& packet = to_tell_.front();
      if (::send(socket_, packet.data(), packet.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EAGAIN)
        break;
      to_tell_.pop_front();
      any = true;
    }
    return any;
  }

  bool listen_to_agent() {
    bool any = false;
    while (!agent_ended_ && !left_) {
      packet_.resize(sizeof(RelayHeader) + max_packet_bytes);
      const ssize_t n = recv(socket_, packet_.data(), packet_.size(), MSG_DONTWAIT);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) break;
      any = true;
      if (n < static_cast<ssize_t>(sizeof(RelayHeader)))
        on_agent_ended();
      else
        carry(static_cast<size_t>(n));
    }
    return any;
  }

  void carry(size_t size) {
    RelayHeader header{};
    std::memcpy(&header, packet_.data(), sizeof header);
    if (header.kind == RelayPacket::leave) return let_all_leave();
    if (header.kind != RelayPacket::message || header.rank >= static_cast<uint32_t>(ranks_)) return;
    send(static_cast<int>(header.rank), message_tag,
         {packet_.begin() + sizeof header, packet_.begin() + static_cast<ptrdiff_t>(size)});
  }

  void on_agent_ended() {
    agent_ended_ = true;
    if (rank_ == 0)
      let_all_leave();
    else
      send(0, gone_tag, {});
  }

  void let_all_leave() {
    for (int rank = 1; rank < ranks_; ++rank) send(rank, leave_tag, {});
    left_ = true;
  }

  // ---- the ranks ----------------------------------------------------------------------------------------

  struct Sent {
    MPI_Request request;
    std::vector<char> bytes;
  };

  void send(int to, Tag tag, std::vector<char> bytes) {
    Sent& sent = sent_.emplace_back(Sent{MPI_REQUEST_NULL, std::move(bytes)});
    MPI_Isend(sent.bytes.data(), static_cast<int>(sent.bytes.size()), MPI_BYTE, to, tag, MPI_COMM_WORLD,
              &sent.request);
  }

  /// Those to a dead rank stay for ever.
  bool forget_sent() {
    const size_t before = sent_.size();
    sent_.remove_if([](Sent& sent) {
      int done = 0;
      MPI_Test(&sent.request, &done, MPI_STATUS_IGNORE);
      return done != 0;
    });
    return sent_.size() != before;
  }

  bool listen_to_ranks() {
    bool any = false;
    int waits = 0;
    MPI_Status status;
    while (!left_ &&
           MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &waits, &status) == MPI_SUCCESS && waits) {
      any = true;
      receive(status);
    }
    return any;
  }

  void receive(const MPI_Status& status) {
    int size = 0;
    MPI_Get_count(&status, MPI_BYTE, &size);
    packet_.resize(static_cast<size_t>(size));
    MPI_Recv(packet_.data(), size, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
    if (status.MPI_SOURCE == 0) last_heard_ns_ = IdleSleep::now_ns();
    if (status.MPI_TAG == leave_tag) {
      left_ = told_to_leave_ = true;
    } else if (status.MPI_TAG == gone_tag) {
      tell_agent(RelayPacket::gone, status.MPI_SOURCE, "", 0);
    } else {
      tell_agent(RelayPacket::message, status.MPI_SOURCE, packet_.data(), packet_.size());
    }
  }

  // ---- waiting ------------------------------------------------------------------------------------------

  void sleep() {
    const auto events = static_cast<short>(to_tell_.empty() ? POLLIN : POLLIN | POLLOUT);
    pollfd agent{agent_ended_ ? -1 : socket_, events, 0};
    idle_.sleep(&agent, 1);
  }

  /// All ranks leave together, so that no last message is lost, unless one is not there to take part.
  void say_goodbye() {
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Ibarrier(MPI_COMM_WORLD, &request);
    idle_.note_news();
    const int64_t end = IdleSleep::now_ns() + longest_goodbye_ns;
    int done = 0;
    while (MPI_Test(&request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && !done &&
           IdleSleep::now_ns() < end) {
      idle_.sleep(nullptr, 0);
    }
    if (done && finalize_may_hang())
      sign_off();
    else if (done)
      MPI_Finalize();
  }

  int socket_;
  int rank_ = 0;
  int ranks_ = 1;
  std::list<Sent> sent_;  // MPI holds pointers into it
  std::deque<std::string> to_tell_;
  std::vector<char> packet_;
  IdleSleep idle_{longest_sleep_ns};
  int64_t last_heard_ns_ = IdleSleep::now_ns();  // from rank 0
  bool agent_ended_ = false;
  bool left_ = false;
  bool told_to_leave_ = false;
};

}  // namespace
}  // namespace sweepd

extern "C" bool sweepd_relay(int socket) {
  int provided = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SINGLE, &provided);
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  return sweepd::Relay(socket).run();
}
