// Starter: a small single-threaded process, forked before anything else, that starts workers, notices their
// deaths and ends them. So the coordinator itself never forks, however large it is and whatever threads or
// MPI it has.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/sweep.h"
#include "runner/platform/unique_fd.h"
#include "workers/cells.h"
#include "workers/worker.h"

namespace sweepd {

/// All that is needed to start any worker.
struct Staffing {
  const Sweep& sweep;
  std::string sweep_directory;  ///< absolute
  StartMethod method = StartMethod::fork;
  std::vector<Post> posts;  ///< by worker
};

/// A worker process ended.
struct WorkerDeath {
  uint32_t worker = 0;
  int wait_status = 0;  ///< as waitpid's
};

class Starter {
 public:
  /// Forks the starter process, which has its own copy of `staffing` from then on.
  static Result<Starter> launch(const Staffing& staffing, const Cells& cells);

  Starter(Starter&&) noexcept;
  Starter& operator=(Starter&&) = delete;
  /// Ends the starter process and with it every worker still there.
  ~Starter();

  /// Starts a worker; returns this side of its channel. A worker that cannot be started is reported as dead.
  Result<UniqueFd> start(uint32_t worker);
  /// SIGKILL, at once.
  void kill(uint32_t worker);

  /// Readable when a death is to be received.
  int fd() const { return socket_.get(); }
  std::optional<WorkerDeath> receive_death();

 private:
  Starter(pid_t pid, UniqueFd socket);

  pid_t pid_;
  UniqueFd socket_;
};

/// The arguments (after the program's name) with which a spawned worker's process is started, and back.
std::vector<std::string> worker_arguments(const Staffing& staffing, uint32_t worker);

/// Descriptors a spawned worker finds open.
inline constexpr int spawned_channel_fd = 3;
inline constexpr int spawned_cells_fd = 4;

}  // namespace sweepd
