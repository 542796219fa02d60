// Sweep: one validated, immutable request: what is run, for which points, and how.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/core/space.h"
#include "runner/core/task.h"

namespace sweepd {

using Duration = std::chrono::nanoseconds;

// ---- how it is run ----------------------------------------------------------------------------------------

enum class StartMethod { automatic, fork, spawn, mpi };
enum class PinUnit { core, hwthread, numa, package, none, list };
enum class Schedule { automatic, static_, dynamic, guided };

/// What a worker is bound to. `list` (such as "0-3,8") names OS processor numbers, dealt to workers in order.
struct Pin {
  PinUnit unit = PinUnit::core;
  std::string list;
};

struct WorkerOptions {
  StartMethod start = StartMethod::automatic;
  std::optional<uint32_t> count;  ///< none: one worker for every `cores` cores that may be used
  uint32_t cores = 1;             ///< per worker
  Pin pin;
  bool pin_is_chosen = false;  ///< by the sweep file or the command line, rather than the default
  SourcePosition count_where;  ///< in the sweep file
};

struct ChunkOptions {
  Schedule schedule = Schedule::automatic;
  std::optional<uint64_t> size;  ///< points; none: by measured time
};

struct Limits {
  std::optional<Duration> timeout;           ///< per attempt
  std::optional<uint64_t> memory_bytes;      ///< of a point's process tree
  bool memory_is_of_job = false;             ///< a worker's part of what a batch system granted
  Duration grace = std::chrono::seconds(5);  ///< between asking a process to end and ending it
};

/// Why a point failed. The texts (error_kind_names) stand in records and in `retries: {on: [...]}`.
enum class ErrorKind { exit, signal, timeout, memory, result, lost };
inline constexpr std::array<std::string_view, 6> error_kind_names = {"exit",   "signal", "timeout",
                                                                     "memory", "result", "lost"};
inline constexpr std::string_view name_of(ErrorKind kind) {
  return error_kind_names[static_cast<size_t>(kind)];
}

struct Retries {
  uint32_t max = 0;  ///< attempts after the first
  Duration backoff{};
  std::array<bool, error_kind_names.size()> on = {true, true, true, true, true, true};
};

/// When failed points end the sweep.
struct OnFailure {
  std::optional<uint64_t> stop_after;   ///< this many failed points
  std::optional<double> stop_fraction;  ///< this share of all points, 0 to 1
};

struct Output {
  std::string dir;  ///< as written; empty: `<name>.sweep`. Relative to the sweep file's folder
  bool csv = false;
};

enum class Statistic { count, sum, mean, std, min, max, median };
inline constexpr std::array<std::string_view, 7> statistic_names = {"count", "sum", "mean",  "std",
                                                                    "min",   "max", "median"};

/// Statistics of result fields, over the points that agree in the parameters `by`.
struct Reduce {
  std::vector<std::string> by;
  std::vector<std::pair<std::string, std::vector<Statistic>>> fields;
  bool empty() const { return fields.empty(); }
};

enum class Continue { none, requeue, resubmit };
enum class Launcher { automatic, srun, mpirun };
enum class Ranks { per_node, per_core };
struct SlurmOptions {
  Duration margin = std::chrono::seconds(60);  ///< kept free before the job's end
  Continue on_deadline = Continue::none;
  Launcher launcher = Launcher::automatic;  ///< what starts the ranks inside a job
  Ranks ranks = Ranks::per_node;
  bool comment = true;  ///< progress is shown in the job's comment
};

struct Sweep {
  std::string name;
  std::string file;       ///< path of the sweep file as given; empty when there is none
  std::string directory;  ///< absolute folder that relative paths of the file are meant from
  std::string text;       ///< the file's bytes as given
  Task task;
  std::string task_text;      ///< canonical JSON of the task
  std::string task_identity;  ///< the same without what is only read from it (result): part of every id
  SpacePtr space;
  uint64_t seed = 0;
  WorkerOptions workers;
  ChunkOptions chunks;
  Limits limits;
  Retries retries;
  OnFailure on_failure;
  Output output;
  Reduce reduce;
  SlurmOptions slurm;

  uint64_t size() const { return space->size(); }
  /// Equal for sweeps with the same task, points and seed: 16 hexadecimal digits.
  std::string fingerprint() const;
};

}  // namespace sweepd
