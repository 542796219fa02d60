// ChunkRun: one chunk in a worker, from its first point to the commit.
#pragma once

#include <string>
#include <string_view>

#include "runner/core/decide.h"
#include "runner/core/identity.h"
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
  TaskRunner& runner;
  const AgentCell& agent;
  WorkerCell& cell;
  int chunks_folder_fd;
  std::string host;
  uint32_t worker;
  std::string cpus;  ///< as read back from the kernel
};

/// Runs the points of `assignment` in order, until its end, its budget or the agent's wish, and commits their
/// records. Fails where a record could not be written; then nothing counts that is not in the file.
Result<ChunkReport> run_chunk(const ChunkContext& context, const Assignment& assignment, uint64_t lease);

}  // namespace sweepd
