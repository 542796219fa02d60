#include "workers/start/ranks/rank_messages.h"

#include <algorithm>

namespace sweepd {

static_assert(std::is_trivially_copyable_v<EventNews> && std::is_trivially_copyable_v<AssignOrder> &&
              std::is_trivially_copyable_v<WorkerSnapshot>);

std::string rank_message(RankWord word, std::string_view body) {
  std::string bytes(reinterpret_cast<const char*>(&word), sizeof word);
  return bytes.append(body);
}

std::optional<RankWord> word_of(std::string_view bytes) {
  RankWord word{};
  if (bytes.size() < sizeof word) return std::nullopt;
  std::memcpy(&word, bytes.data(), sizeof word);
  return word;
}

std::string_view body_of(std::string_view bytes) {
  return bytes.substr(std::min(bytes.size(), sizeof(RankWord)));
}

EventNews news_of(const WorkerEvent& event, WorkerId slot) {
  EventNews news{.kind = event.kind,
                 .slot = slot,
                 .report = event.report,
                 .has_in_hand = event.in_hand.has_value(),
                 .in_hand = event.in_hand.value_or(0),
                 .is_shortage = event.is_shortage,
                 .text = {}};
  std::copy_n(event.message.data(), std::min(event.message.size(), sizeof news.text - 1), news.text);
  return news;
}

WorkerEvent event_of(const EventNews& news, WorkerId worker) {
  return {.kind = news.kind,
          .worker = worker,
          .report = news.report,
          .message = std::string(news.text, strnlen(news.text, sizeof news.text)),
          .in_hand = news.has_in_hand ? std::optional(news.in_hand) : std::nullopt,
          .is_shortage = news.is_shortage};
}

}  // namespace sweepd
