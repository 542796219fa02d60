// Sweep: one validated, immutable request: what is run, for which points, and how.
#pragma once

#include <cstdint>
#include <string>

#include "runner/core/run_options.h"
#include "runner/core/space.h"
#include "runner/core/task.h"

namespace sweepd {

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
