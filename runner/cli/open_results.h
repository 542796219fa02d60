// An existing sweep directory, opened for reading by the commands that take one.
#pragma once

#include <string>
#include <vector>

#include "runner/core/chunk.h"
#include "runner/core/space.h"
#include "runner/engine/record_scan.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

/// Fails where `path` is not a sweep directory.
Result<Manifest> open_manifest(const SweepDirectory& directory);

/// The chunk files there are, those being written included, in order of index.
Result<std::vector<ChunkFile>> chunk_files(const SweepDirectory& directory);

}  // namespace sweepd
