// SweepDirectory: the folder that holds all that a sweep produced, where its files are, and whether it is
// this sweep's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/chunk.h"
#include "runner/core/code.h"
#include "runner/core/error.h"
#include "runner/core/identity.h"
#include "runner/core/sweep.h"
#include "runner/engine/staging.h"
#include "runner/platform/atomic_file.h"

namespace sweepd {

/// What a session used of the batch system's job it ran in, and what to ask for next time. 0: not known.
struct JobUsage {
  std::string job;
  uint32_t nodes = 0;
  uint32_t cores = 0;           ///< granted, on all nodes
  double busy_core_s = 0;       ///< time in points, times the cores of their workers
  double idle_tail_core_s = 0;  ///< what idled when there was nothing left to hand out
  double elapsed_s = 0;
  double time_limit_s = 0;
  double memory_peak_mib = 0;     ///< of the point that used most
  double memory_granted_mib = 0;  ///< a core
  std::string used;               ///< the same in a line
  std::vector<std::string> ask;   ///< options of sbatch
};

/// What manifest.json says of how the results were made. One session is one start of `sweepd run`.
struct Session {
  std::string started;             ///< UTC, as in records
  std::string ended;               ///< empty while it runs or if it was killed
  std::string host;                ///< of the coordinator
  std::vector<std::string> hosts;  ///< of the workers
  std::string slurm_job;           ///< empty outside Slurm
  std::string token;               ///< tells it from the others
  std::string start_method;
  uint32_t workers = 0;
  std::vector<std::string> cpus;  ///< of each worker
  uint64_t points = 0;            ///< recorded in this session
  uint64_t failed = 0;            ///< of these
  uint64_t retries = 0;           ///< attempts beyond each point's first
  uint64_t worker_deaths = 0;
  double elapsed_s = 0;
  double cpu_s = 0;   ///< of the points
  double busy_s = 0;  ///< wall time of all workers' chunks, added up
  double max_rss_mib = 0;
  double memory_limit_mib = 0;  ///< of a point; 0: none
  std::optional<JobUsage> job;  ///< of a session in a batch system's job, once it has ended
};

struct Manifest {
  std::string version;  ///< of sweepd, of the last session
  std::string name;
  std::string file;  ///< absolute path of the sweep file
  std::string task_text;
  uint64_t identity = identity_version;  ///< by which ids and seeds were made
  std::string fingerprint;
  std::string
      chunks_id;  ///< another for every chunks/ folder that took the place of the one before; at first empty
  uint64_t points = 0;
  uint64_t seed = 0;
  std::vector<std::string> parameters;  ///< every name that occurs
  std::vector<Code> codes;              ///< by number, the first is 1
  uint32_t code = 0;                    ///< the number of the last session's; 0: kernels have none
  // Of the last merge:
  bool complete = false;  ///< results.json holds every point
  uint64_t ok = 0;
  uint64_t failed = 0;
  std::string
      merged_files;  ///< the Inventory it has left; empty: that of an earlier version, which took none
  std::vector<Session> sessions;
};

class SweepDirectory {
 public:
  /// `path` may be a link, which is followed here, once. `mode`: of the folders made, exactly; none: 0700
  /// less what umask takes, and for those in a sweep directory that is there, its own.
  explicit SweepDirectory(std::string path, std::optional<mode_t> mode = std::nullopt);

  /// No link.
  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + '/' + std::string(name); }
  std::string chunks() const { return path_ + "/chunks"; }

  Result<bool> exists() const;
  /// Whose it is, where that is another user; none where it is this user's or root's, or not there.
  Result<std::optional<uid_t>> stranger() const;
  /// Fails on one that is no folder, or another user's: what lies in it would be counted. One that its group
  /// may write to is shared where `mode` is such a one as well. The same holds for a link that leads to it.
  Result<void> check_trusted() const;
  /// Fails on a folder that holds something else than a sweep.
  Result<void> check_is_sweep() const;
  /// Whether there are records or a manifest.
  Result<bool> has_sweep() const;
  /// What is in it, whose ever it is.
  Result<std::vector<std::string>> names() const;

  /// Makes the folder, if it is not there, and this run's staging folder in it. Fails where it cannot be
  /// written, or is something else than a sweep directory. All that changes something needs it.
  Result<void> enter();
  bool has_entered() const { return staging_ != nullptr; }
  /// Takes the staging folder away once nobody uses it any more.
  void leave() { staging_.reset(); }
  Staging& staging() const { return *staging_; }
  const std::shared_ptr<Staging>& shared_staging() const { return staging_; }

  /// Makes chunks/, if it is not there. For whoever holds the lock.
  Result<void> make_chunks() const;
  /// The same, and sweep.yaml.
  Result<void> create(const Sweep& sweep) const;
  /// Makes a folder.
  Result<void> make_folder(const std::string& path) const;

  /// `text` as the whole file `name`.
  Result<void> write(std::string_view name, std::string_view text,
                     Durability durability = Durability::synced) const;
  /// Removes a file or a folder; what is not there as well.
  Result<void> remove(std::string_view name) const;

  /// None where there is no manifest yet.
  Result<std::optional<Manifest>> read_manifest() const;
  Result<void> write_manifest(const Manifest& manifest) const;

 private:
  Result<void> make() const;

  std::string path_;
  std::vector<uid_t> link_owners_;  ///< of the links that led to it
  std::optional<mode_t> mode_;
  std::shared_ptr<Staging> staging_;
};

}  // namespace sweepd
