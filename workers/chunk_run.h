// ChunkRun: one chunk in a worker, from its first point to the commit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runner/core/decide.h"
#include "runner/core/identity.h"
#include "runner/core/kept_points.h"
#include "runner/core/sweep.h"
#include "runner/core/worker_pool.h"
#include "workers/cells.h"
#include "workers/chunk_writer.h"
#include "workers/point_clock.h"
#include "workers/tasks/task.h"

namespace sweepd {

/// What stays the same from chunk to chunk of a worker.
struct ChunkContext {
  const Sweep& sweep;
  const KeptPoints& kept;  ///< points in any chunk that are not to be run
  TaskRunner& runner;
  const AgentCell& agent;
  WorkerCell& cell;
  ChunkFolderFds folders;
  std::string host;
  WorkerId worker;
  std::string cpus;   ///< as read back from the kernel
  std::string mark;   ///< of the sweep
  uint32_t code = 0;  ///< the number that records tell
};

struct ChunkEnd {
  ChunkReport report;
  /// What was short, so that the point at `report.until` could not be run.
  std::optional<Error> broken;
};

/// Runs the points of `assignment` in order, until its end, its budget or the agent's wish, or until
/// something is short, and commits their records. Fails where a record could not be written; then nothing
/// counts that is not in the file.
Result<ChunkEnd> run_chunk(const ChunkContext& context, const Assignment& assignment, uint64_t lease);

}  // namespace sweepd
