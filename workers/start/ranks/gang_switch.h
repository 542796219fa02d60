// GangSwitch: carries what the parts of a gang say between rank 0's worker and those of the other ranks, and
// answers in the place of a part that is lost, so that nobody waits for it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "workers/start/local_pool.h"
#include "workers/start/ranks/rank_link.h"

namespace sweepd {

class GangSwitch {
 public:
  GangSwitch(RankLink& link, LocalPool& own) : link_(link), own_(own) {}

  /// What rank 0's worker says.
  void carry_out(const GangMessage& message);
  /// What the worker of another rank says. `who` such as "rank 3 on n2".
  void carry_in(uint32_t rank, const std::string& who, GangMessage message);

  /// News of that worker: one that has died is replaced, one that is broken is not.
  void on_event(uint32_t rank, const std::string& who, const WorkerEvent& event);
  /// Another rank is not there any more. Gangs that have a part there cannot be had from now on.
  void on_loss(uint32_t rank, const std::string& why);
  /// Rank 0's worker has died: what it led is broken up.
  void on_leader_death();

 private:
  bool has_part(uint32_t rank) const;
  void fail(uint32_t rank, uint64_t gang, const std::string& why, bool is_shortage);

  RankLink& link_;
  LocalPool& own_;
  uint64_t gang_ = 0;                       // the last one
  std::vector<uint32_t> ranks_;             // that have a part of it
  std::map<uint32_t, std::string> losses_;  // by rank: why
};

}  // namespace sweepd
