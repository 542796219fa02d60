// The worker process: takes chunks from its channel, runs their points one after the other and commits the
// records. It knows nothing of other workers.
#pragma once

#include <cstdint>
#include <string>

#include "runner/core/kept_points.h"
#include "runner/core/sweep.h"
#include "runner/platform/unique_fd.h"
#include "workers/cells.h"
#include "workers/post.h"

namespace sweepd {

/// Where a worker's chunk files come to be.
struct ChunkFolders {
  std::string committed;  ///< chunks/
  std::string staging;    ///< the run's own, for part files
};

/// What all workers of a run have in common.
struct CommonWork {
  const Sweep& sweep;
  const KeptPoints& kept;
  ChunkFolders folders;
  uint32_t code = 0;  ///< the number that records tell; 0: none
};

/// Tells the agent that a worker cannot go on with assignment `lease` (0: none), and why.
void report_broken(const UniqueFd& channel, const Error& error, uint64_t lease);

/// Runs until the other end of `channel` closes; returns the process's exit status. The signals of terminals
/// and batch systems should be ignored: the agent decides when to stop. A chunk that could not be written is
/// reported, and the next one may be assigned.
int run_worker(const CommonWork& common, const Post& post, const UniqueFd& channel, const Cells& cells);

}  // namespace sweepd
