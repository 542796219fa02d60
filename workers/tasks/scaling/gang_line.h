// GangLine: what the parts of a gang that spans several ranks say to each other, and a part's end of it. The
// leading part is that of rank 0's worker; each other rank's worker has one that follows. Agents carry what
// they say and may say it in the place of a part that is lost.
//
//   part of rank k                              leading part
//                                         ◀───  form: your members, and their work
//   arrived: mine wait for the round      ───▶
//                                         ◀───  go, once all wait: the round begins
//   done: all of mine have ended          ───▶
//   failed: one of mine died, or all did  ───▶
//                                         ◀───  break_up: end yours
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "runner/core/error.h"
#include "workers/tasks/scaling/scaling_work.h"
#include "workers/tasks/scaling/shared_rounds.h"

namespace sweepd {

enum class GangWord : uint32_t { form, arrived, go, done, failed, break_up };

/// Which of the cores of all ranks, one after the other, are those of one rank.
struct GangPlace {
  uint32_t first;
  uint32_t cores;
  uint32_t all;
};

/// Travels as it stands in memory.
struct GangMessage {
  GangWord word;
  uint32_t rank;       ///< that it is for, or is from
  uint64_t gang;       ///< which one: no two gangs that were led on one machine have the same number
  ScalingWork work;    ///< form
  GangPlace place;     ///< form
  uint32_t round;      ///< arrived, go
  GangRound before;    ///< arrived: what the round before came to; done: the last one
  double cpu_s;        ///< done: as in GangReport
  double max_rss_mib;  ///< done: likewise
  bool is_shortage;    ///< failed: as in Error
  char text[512];      ///< failed: why; ends with a NUL
};

void set_text(GangMessage& message, std::string_view text);
Error error_of(const GangMessage& message);

/// Over a SOCK_SEQPACKET socket that stays somebody else's. Packets that are no GangMessage are passed over.
class GangLine {
 public:
  explicit GangLine(int socket) : socket_(socket) {}

  /// Readable when there is a message, or when the line has closed.
  int fd() const { return socket_; }
  void send(const GangMessage& message) const;
  /// None where there is none yet. Fails once the line has closed.
  Result<std::optional<GangMessage>> receive() const;

 private:
  int socket_;
};

}  // namespace sweepd
