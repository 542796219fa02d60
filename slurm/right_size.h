// What a job used of what it was granted, and what to ask for next time. Numbers in, text out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sweepd {

struct JobUse {
  uint32_t nodes = 1;
  uint32_t cores = 1;             ///< granted, on all nodes
  uint32_t cores_per_worker = 1;  ///< at least 1, as the next
  uint32_t cpus_per_core = 1;     ///< processors in Slurm's count: 2 where it counts hardware threads
  double elapsed_s = 0;           ///< of this job
  double busy_core_s = 0;         ///< time in points, times the cores of their workers
  double idle_tail_core_s = 0;    ///< what idled after there was nothing left to hand out
  /// Of the work that this job began with; 1 when the sweep is finished.
  double part_done = 1;
  std::optional<double> limit_s;           ///< the job's time limit
  std::optional<double> memory_peak_mib;   ///< of the worker that used most, its commands included
  std::optional<double> memory_limit_mib;  ///< granted a core
};

struct RightSize {
  /// `95 % of 4 cores busy, memory peak 412 MiB a core (granted 4096), 12m of 1h00m used, idle tail 0.10
  /// core-hours`
  std::string used;
  /// Such as `--nodes=1`, `--ntasks-per-node=1`, `--cpus-per-task=4`, `--mem-per-cpu=512M`,
  /// `--time=00:15:00`: what fits an #SBATCH line each. The memory only where a peak is known.
  std::vector<std::string> ask;
};

/// Cores: as many as granted, or where less than three quarters of them were busy in a job of a minute or
/// more, so many that nine tenths would have been. Time: what all of the work takes on these, and a quarter
/// more, rounded up to 5 minutes below an hour, to 15 below 6 hours, else to an hour. Memory: a fifth more
/// than the peak, rounded up to 64 MiB below 1 GiB, else to 256 MiB.
RightSize right_size(const JobUse& use);

}  // namespace sweepd
