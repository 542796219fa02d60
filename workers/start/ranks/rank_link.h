// RankLink: how the agent of one rank speaks with those of the others. What carries the messages (the relay,
// with MPI; in tests another program) is at the other end of a socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runner/core/error.h"
#include "runner/core/sweep.h"
#include "runner/platform/unique_fd.h"
#include "workers/start/ranks/launch.h"
#include "workers/start/ranks/relay_packets.h"

namespace sweepd {

struct RankMessage {
  uint32_t rank = 0;  ///< who sent it
  bool gone = false;  ///< its agent has ended; no bytes
  std::string bytes;
};

class RankLink {
 public:
  /// Waits until all ranks have joined. Fails where they cannot: there is no MPI, or it is another one than
  /// the launcher's, so that each rank finds itself alone.
  static Result<RankLink> join(UniqueFd socket, const Launch& launch);

  uint32_t rank() const { return launch_.rank; }
  uint32_t ranks() const { return launch_.ranks; }

  /// Readable when there is a message, or when the relay has ended.
  int fd() const { return socket_.get(); }
  /// Whether the relay has ended, or let this rank leave: nothing more will come.
  bool closed() const { return closed_; }
  std::optional<RankMessage> receive();
  /// The next message; none where the link closes or `limit` passes before.
  std::optional<RankMessage> await(Duration limit);

  /// At most max_packet_bytes. Whether it arrives is not known.
  void send(uint32_t rank, std::string_view bytes);
  /// Rank 0's last word: the others may end.
  void let_all_leave();

 private:
  RankLink(UniqueFd socket, const Launch& launch) : socket_(std::move(socket)), launch_(launch) {}

  UniqueFd socket_;
  Launch launch_;
  bool closed_ = false;
};

/// Set for ranks that a job's batch script has started and waits for: where rank 0's agent is killed, its
/// relay ends with a status of its own (`coordinator_lost`), and the script has the job go on.
inline constexpr const char* batch_script_variable = "SWEEPD_BATCH_SCRIPT";

/// Makes two processes of this one: returns in a new one, the agent, with its end of a relay's socket, while
/// this one becomes the relay (see workers/start/mpi) and ends with the agent's exit status. Signals that ask
/// to stop reach the agent of rank 0 only. To be called before there is anything that two processes must not
/// share. Fails where there cannot be another process.
Result<UniqueFd> split_off_agent(const Launch& launch);

}  // namespace sweepd
