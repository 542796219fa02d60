// Starter: a small single-threaded process, forked before anything else, that starts workers, notices their
// deaths and ends them. So the coordinator itself never forks, however large it is and whatever threads or
// MPI it has.
//
// Nothing of it outlives the coordinator. When the coordinator is killed, the starter notices the closed
// socket and ends its workers and all that their commands have started; when the starter is, the coordinator
// does it; when a worker is, the starter ends what that leaves behind. Each is where the orphans of those
// below it go. Where all of them are killed in the same instant (kill -9 of every process of sweepd at once)
// workers and commands die, as they do with their parents, and with a command its process group (GroupGuard);
// only what had left the group stays.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
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
  std::string staging;          ///< the run's own folder in it, absolute
  StartMethod method = StartMethod::fork;
  std::vector<Post> posts;  ///< by worker
  const KeptPoints& kept = no_kept_points;
  uint32_t code = 0;  ///< the number that records tell; 0: none
};

/// A worker process ended, or could not be started.
struct WorkerDeath {
  WorkerId worker;
  int wait_status = 0;  ///< as waitpid's
  int error = 0;        ///< why it could not be started, as errno(3); 0: it was
};

/// What goes wrong with a starter that was killed: the same command starts another.
Error starter_was_killed();

class Starter {
 public:
  /// Forks the starter process, which has its own copy of `staffing` from then on. From now on orphans come
  /// to the calling process; those that are left by the starter are killed by it.
  static Result<Starter> launch(const Staffing& staffing, const Cells& cells);

  Starter(Starter&&) noexcept;
  Starter& operator=(Starter&&) = delete;
  /// Ends the starter process and with it every worker still there.
  ~Starter() { end(); }

  /// Starts a worker; returns this side of its channel. A worker that cannot be started is reported as dead.
  Result<UniqueFd> start(WorkerId worker);
  /// SIGKILL, at once.
  void kill(WorkerId worker);
  /// Stops or continues all workers and what they have started; returns when the signals are sent.
  void suspend();
  void resume();

  /// Readable when a death is to be received, hung up when the starter process has died.
  int fd() const { return socket_.get(); }
  /// Whether deaths have been taken from fd() that were not received yet.
  bool has_deaths() const { return !deaths_.empty(); }
  std::optional<WorkerDeath> receive_death();

  /// Ends the starter process, if it still lives, and all workers and what they have started.
  void end();

 private:
  Starter(pid_t pid, UniqueFd socket, std::vector<pid_t> strangers);
  void await_obedience();

  pid_t pid_;
  UniqueFd socket_;
  std::vector<pid_t> strangers_;  // children this process had before
  std::deque<WorkerDeath> deaths_;
};

/// Descriptors a spawned worker finds open.
inline constexpr int spawned_channel_fd = 3;
inline constexpr int spawned_cells_fd = 4;
inline constexpr int spawned_ticket_fd = 5;  ///< a file with a WorkerTicket

}  // namespace sweepd
