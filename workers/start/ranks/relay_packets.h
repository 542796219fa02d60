// What an agent and its relay say to each other, over a SOCK_SEQPACKET pair: one packet is a header and its
// bytes. The relay knows nothing of what agents say to each other.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sweepd {

enum class RelayPacket : uint32_t {
  // Relay to agent:
  joined,    ///< `rank` is this one's; the bytes are the number of ranks, as uint32_t
  message,   ///< the bytes came from the agent of `rank`; also agent to relay: they are for that one
  gone,      ///< the agent of `rank` has ended
  unusable,  ///< MPI cannot be had here; the bytes say why
  // Agent to relay:
  leave,  ///< nothing more will be said: all ranks may leave (rank 0 only)
};

struct RelayHeader {
  RelayPacket kind;
  uint32_t rank;
};

/// Of the bytes of a packet. Messages of a running sweep are far below what MPI libraries send without asking
/// the receiver first (8 KiB or more), so that a dead rank holds up nobody.
inline constexpr size_t max_packet_bytes = size_t{60} * 1024;

/// The function of the module for MPI that is the relay: joins the other ranks and carries packets between
/// `socket` and them until the agent has closed its end, or all may leave. Returns whether rank 0 has let
/// this rank leave. Its process must end without any further ado (_exit).
using RelayFunction = bool(int socket);
inline constexpr const char* relay_function_name = "sweepd_relay";

}  // namespace sweepd
