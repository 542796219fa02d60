// What agents say to each other, once all ranks have joined. All ranks are the same program on machines of
// one kind, so structs travel as they stand in memory; what is said only once, before the sweep begins, is
// CBOR, in which texts may be any bytes.
//
//   rank k                                    rank 0
//   offer: where I am, what I may use   ───▶
//                                       ◀───  staff: your share of the node, and which sweep
//   crew: my workers; or why I cannot   ───▶
//                                       ◀───  start: how your workers are numbered
//   event, beat                         ───▶
//                                       ◀───  assign, wind_down, end_chunks, kill, suspend, resume,
//                                       alive, and in the end: end
//   gang                              ◀──▶    gang: what parts of a gang say to each other
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "runner/core/worker_pool.h"
#include "workers/messages.h"

namespace sweepd {

enum class RankWord : uint32_t {
  offer,
  staff,
  crew,
  start,
  event,
  beat,
  assign,
  wind_down,
  end_chunks,  ///< the body is the last lease, as uint64_t
  kill,
  suspend,
  resume,
  alive,
  end,
  gang,  ///< the body is a GangMessage
};

/// A worker of a rank, as rank 0 knows it: an order that crosses the news of its death is not for the one
/// that has taken its place.
struct WorkerPlace {
  WorkerId slot;    ///< in its rank
  uint32_t deaths;  ///< that were there before
};

/// Rank 0 to others.
struct AssignOrder {
  WorkerPlace place;
  AssignMessage assignment;
};
struct KillOrder {
  WorkerPlace place;
};

/// A WorkerEvent.
struct EventNews {
  WorkerEvent::Kind kind;
  WorkerId slot;
  ChunkReport report;
  bool has_in_hand;
  uint64_t in_hand;
  bool is_shortage;
  char text[512];  ///< ends with a NUL
};

/// A WorkerProgress, as it was when it was sent. A beat holds up to most_in_beat.
struct WorkerSnapshot {
  WorkerId slot;
  bool has_in_hand;
  uint64_t lease;
  uint64_t done;
  uint64_t failed;
  uint64_t in_hand;
  int64_t in_hand_for_ns;
};
inline constexpr size_t most_in_beat = 100;

/// The word, and what follows it.
template <typename Body>
std::string rank_message(RankWord word, const Body& body) {
  static_assert(std::is_trivially_copyable_v<Body>);
  std::string bytes(reinterpret_cast<const char*>(&word), sizeof word);
  return bytes.append(reinterpret_cast<const char*>(&body), sizeof body);
}
std::string rank_message(RankWord word, std::string_view body = {});

/// None where the bytes are too few.
std::optional<RankWord> word_of(std::string_view bytes);
std::string_view body_of(std::string_view bytes);
template <typename Body>
std::optional<Body> body_as(std::string_view bytes) {
  static_assert(std::is_trivially_copyable_v<Body>);
  const std::string_view body_bytes = body_of(bytes);
  if (body_bytes.size() != sizeof(Body)) return std::nullopt;
  Body body;
  std::memcpy(&body, body_bytes.data(), sizeof body);
  return body;
}

EventNews news_of(const WorkerEvent& event, WorkerId slot);
WorkerEvent event_of(const EventNews& news, WorkerId worker);

}  // namespace sweepd
