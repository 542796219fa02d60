// LocalPool: the workers of this machine, started by a Starter and spoken to over their channels.
#pragma once

#include <poll.h>
#include <signal.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runner/core/worker_pool.h"
#include "runner/platform/oom_kills.h"
#include "workers/cells.h"
#include "workers/messages.h"
#include "workers/start/starter.h"
#include "workers/tasks/scaling/gang_line.h"

namespace sweepd {

class LocalPool : public WorkerPool {
 public:
  /// Starts all workers of `staffing`; each reports `ready` (or `broken`) through poll().
  static Result<std::unique_ptr<LocalPool>> start(const Staffing& staffing);

  /// poll() also returns when this descriptor is readable or hung up.
  void wake_for(int fd) { polled_.push_back({fd, POLLIN, 0}); }

  /// What workers have told the parts of their gang elsewhere, as far as poll() has heard it.
  std::vector<GangMessage> take_gang_messages() { return std::exchange(gang_messages_, {}); }
  void tell_gang(WorkerId worker, const GangMessage& message);

  uint32_t size() const override { return static_cast<uint32_t>(channels_.size()); }
  void assign(const Assignment& assignment, uint64_t lease) override;
  void wind_down() override;
  void end_chunks(uint64_t last_lease) override;
  void kill(WorkerId worker) override;
  void suspend() override { starter_.suspend(); }
  void resume() override { starter_.resume(); }
  std::vector<WorkerEvent> poll(Duration timeout) override;
  WorkerProgress progress(WorkerId worker) const override;

 private:
  LocalPool(Cells cells, Starter starter, uint32_t workers);

  Result<void> start_worker(WorkerId worker);
  void receive_news(WorkerId worker, std::vector<WorkerEvent>& events);
  void receive_deaths(std::vector<WorkerEvent>& events);
  void bury(const WorkerDeath& death, std::vector<WorkerEvent>& events);
  std::string how_it_ended(const WorkerDeath& death);
  static WorkerEvent broken(WorkerId worker, const Error& error);
  static WorkerEvent event_of(WorkerId worker, const NewsMessage& news);

  Cells cells_;
  Starter starter_;
  std::vector<UniqueFd> channels_;     // by worker
  std::vector<uint32_t> stillbirths_;  // by worker: deaths in a row before it was ready
  std::vector<bool> killed_;           // by worker: by us
  std::vector<GangMessage> gang_messages_;
  OomKills oom_kills_;
  std::vector<pollfd> polled_;  // the starter, then every worker, then what others wait for
  sigset_t let_in_;             // the mask while poll() waits
};

/// "exited with status 3", "killed by signal 9 (SIGKILL)"
std::string describe_wait_status(int status);

}  // namespace sweepd
