// RankAgent: does for the workers of its rank what rank 0 says, and tells it what they do.
#pragma once

#include <cstdint>
#include <vector>

#include "workers/start/local_pool.h"
#include "workers/start/ranks/rank_link.h"
#include "workers/start/ranks/rank_messages.h"

namespace sweepd {

class RankAgent {
 public:
  /// Rank 0 that says nothing for `silence` is taken for dead.
  RankAgent(RankLink& link, LocalPool& pool, Duration silence);

  /// Until rank 0 ends it (true), or is dead (false).
  bool run();

 private:
  void follow(const RankMessage& message);
  bool is_there(const WorkerPlace& place) const;
  void report(const WorkerEvent& event);
  void beat();

  RankLink& link_;
  LocalPool& pool_;
  std::vector<uint32_t> deaths_;  // by worker
  Duration silence_;
  Duration pulse_;
  int64_t heard_ns_;
  int64_t next_beat_ns_ = 0;
  bool suspended_ = false;  // rank 0 stands still, too
  bool over_ = false;
};

}  // namespace sweepd
