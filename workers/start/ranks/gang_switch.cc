#include "workers/start/ranks/gang_switch.h"

#include <algorithm>
#include <utility>

#include "workers/start/ranks/rank_messages.h"

namespace sweepd {
namespace {

// Gangs are led by the worker that points are dealt to.
constexpr WorkerId leader{0};

}  // namespace

void GangSwitch::carry_out(const GangMessage& message) {
  if (message.word == GangWord::form) {
    if (message.gang != std::exchange(gang_, message.gang)) ranks_.clear();
    ranks_.push_back(message.rank);
  }
  if (const auto loss = losses_.find(message.rank); loss == losses_.end())
    link_.send(message.rank, rank_message(RankWord::gang, message));
  else if (message.word == GangWord::form)
    fail(message.rank, message.gang, loss->second, true);
}

void GangSwitch::carry_in(uint32_t rank, const std::string& who, GangMessage message) {
  message.rank = rank;
  if (message.word == GangWord::failed) set_text(message, who + ": " + error_of(message).message);
  own_.tell_gang(leader, message);
}

void GangSwitch::on_event(uint32_t rank, const std::string& who, const WorkerEvent& event) {
  if (event.kind == WorkerEvent::Kind::broken)
    on_loss(rank, who + " has no worker: " + event.message);
  else if (event.kind == WorkerEvent::Kind::died && has_part(rank))
    fail(rank, gang_, who + ": its part of the gang was " + event.message, false);
}

void GangSwitch::on_loss(uint32_t rank, const std::string& why) {
  const auto& [_, text] = *losses_.emplace(rank, why + "; a gang of this size needs its cores").first;
  if (has_part(rank)) fail(rank, gang_, text, true);
}

void GangSwitch::on_leader_death() {
  GangMessage message{};
  message.word = GangWord::break_up;
  message.gang = gang_;
  for (const uint32_t rank : std::exchange(ranks_, {})) {
    message.rank = rank;
    carry_out(message);
  }
}

bool GangSwitch::has_part(uint32_t rank) const { return std::ranges::find(ranks_, rank) != ranks_.end(); }

void GangSwitch::fail(uint32_t rank, uint64_t gang, const std::string& why, bool is_shortage) {
  GangMessage message{};
  message.word = GangWord::failed;
  message.rank = rank;
  message.gang = gang;
  message.is_shortage = is_shortage;
  set_text(message, why);
  own_.tell_gang(leader, message);
}

}  // namespace sweepd
