// How a sweep is run, beside what is run for which points.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/core/enum_names.h"
#include "runner/core/error.h"

namespace sweepd {

using Duration = std::chrono::nanoseconds;

enum class StartMethod { automatic, fork, spawn, mpi };
constexpr std::string_view name_of(StartMethod method) {
  switch (method) {
    case StartMethod::automatic:
      return "auto";
    case StartMethod::fork:
      return "fork";
    case StartMethod::spawn:
      return "spawn";
    case StartMethod::mpi:
      return "mpi";
  }
  return {};
}

enum class PinUnit { core, hwthread, numa, package, none, list };
/// A list has its own text in the place of a name.
constexpr std::string_view name_of(PinUnit unit) {
  switch (unit) {
    case PinUnit::core:
      return "core";
    case PinUnit::hwthread:
      return "hwthread";
    case PinUnit::numa:
      return "numa";
    case PinUnit::package:
      return "package";
    case PinUnit::none:
      return "none";
    case PinUnit::list:
      break;
  }
  return {};
}

enum class Schedule { automatic, static_, dynamic, guided };
constexpr std::string_view name_of(Schedule schedule) {
  switch (schedule) {
    case Schedule::automatic:
      return "auto";
    case Schedule::static_:
      return "static";
    case Schedule::dynamic:
      return "dynamic";
    case Schedule::guided:
      return "guided";
  }
  return {};
}

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
  Duration grace = std::chrono::seconds(5);  ///< between asking a process to end and ending it
};

/// Why a point failed. The names stand in records and in `retries: {on: [...]}`.
enum class ErrorKind { exit, signal, timeout, memory, result, lost };
constexpr std::string_view name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::exit:
      return "exit";
    case ErrorKind::signal:
      return "signal";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::memory:
      return "memory";
    case ErrorKind::result:
      return "result";
    case ErrorKind::lost:
      return "lost";
  }
  return {};
}

struct Retries {
  uint32_t max = 0;  ///< attempts after the first
  Duration backoff{};
  std::array<bool, enum_names<ErrorKind>.size()> on = [] {
    std::array<bool, enum_names<ErrorKind>.size()> all{};
    all.fill(true);
    return all;
  }();
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
constexpr std::string_view name_of(Statistic statistic) {
  switch (statistic) {
    case Statistic::count:
      return "count";
    case Statistic::sum:
      return "sum";
    case Statistic::mean:
      return "mean";
    case Statistic::std:
      return "std";
    case Statistic::min:
      return "min";
    case Statistic::max:
      return "max";
    case Statistic::median:
      return "median";
  }
  return {};
}

/// Statistics of result fields, over the points that agree in the parameters `by`.
struct Reduce {
  std::vector<std::string> by;
  std::vector<std::pair<std::string, std::vector<Statistic>>> fields;
  bool empty() const { return fields.empty(); }
};

enum class Continue { none, requeue, resubmit };
constexpr std::string_view name_of(Continue how) {
  switch (how) {
    case Continue::none:
      return "none";
    case Continue::requeue:
      return "requeue";
    case Continue::resubmit:
      return "resubmit";
  }
  return {};
}

enum class Launcher { automatic, srun, mpirun };
constexpr std::string_view name_of(Launcher launcher) {
  switch (launcher) {
    case Launcher::automatic:
      return "auto";
    case Launcher::srun:
      return "srun";
    case Launcher::mpirun:
      return "mpirun";
  }
  return {};
}

enum class Ranks { per_node, per_core };
constexpr std::string_view name_of(Ranks ranks) {
  switch (ranks) {
    case Ranks::per_node:
      return "per-node";
    case Ranks::per_core:
      return "per-core";
  }
  return {};
}

struct SlurmOptions {
  Duration margin = std::chrono::seconds(60);  ///< kept free before the job's end
  Continue on_deadline = Continue::none;
  Launcher launcher = Launcher::automatic;  ///< what starts the ranks inside a job
  Ranks ranks = Ranks::per_node;
  bool comment = true;  ///< progress is shown in the job's comment
};

}  // namespace sweepd
