// RankedPool: the workers of all ranks, as rank 0 sees them: its own first, then those of the others, rank by
// rank. A worker that only has part in gangs is not among them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "workers/start/local_pool.h"
#include "workers/start/ranks/gang_switch.h"
#include "workers/start/ranks/muster.h"
#include "workers/start/ranks/rank_messages.h"

namespace sweepd {

class RankedPool : public WorkerPool {
 public:
  /// Has each other rank start its crew. `own`: this rank's workers, if any. A rank that says nothing for
  /// `silence` is taken for dead: its workers are gone.
  RankedPool(RankLink& link, std::unique_ptr<LocalPool> own, const std::vector<RankCrew>& crews,
             Duration silence);
  /// Ends the other ranks; those that are alive may leave.
  ~RankedPool() override;

  /// Until each worker is ready, or could not be; so that the work of a short sweep does not all go to those
  /// that are nearest.
  void await_workers(Duration limit);

  uint32_t size() const override { return static_cast<uint32_t>(seats_.size()); }
  void assign(const Assignment& assignment, uint64_t lease) override;
  void wind_down() override;
  void end_chunks(uint64_t last_lease) override;
  void kill(WorkerId worker) override;
  void suspend() override;
  void resume() override;
  std::vector<WorkerEvent> poll(Duration timeout) override;
  WorkerProgress progress(WorkerId worker) const override;

 private:
  /// Where a worker is.
  struct Seat {
    uint32_t rank;
    WorkerId slot;
    uint32_t deaths = 0;    // of another rank's, that were told
    WorkerProgress last{};  // of another rank's, as it was `seen_ns`
    int64_t seen_ns = 0;
  };
  struct Rank {
    std::string host;
    WorkerId first;  // of its workers
    uint32_t workers;
    int64_t heard_ns;
    bool lost = false;
  };

  std::vector<WorkerEvent> listen(Duration timeout);
  void tell_all(const std::string& message);
  void receive(const RankMessage& message, std::vector<WorkerEvent>& events);
  void note(const Rank& rank, std::string_view beat);
  void watch_ranks(std::vector<WorkerEvent>& events);
  void lose_all(std::vector<WorkerEvent>& events);
  void lose(uint32_t rank, const std::string& why, std::vector<WorkerEvent>& events);

  RankLink& link_;
  std::unique_ptr<LocalPool> own_;
  GangSwitch gangs_;
  std::vector<Rank> ranks_;
  std::vector<Seat> seats_;         // by worker
  std::vector<WorkerEvent> early_;  // that nobody has polled yet
  Duration silence_;
  int64_t next_watch_ns_ = 0;
};

}  // namespace sweepd
