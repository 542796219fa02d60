// Hashing the files of a code, without reading again those that have not changed, and counting its points.
#pragma once

#include <string>
#include <vector>

#include "runner/core/code.h"
#include "runner/engine/record_stream.h"

namespace sweepd {

/// Sets size, time and hash of files whose names and paths are set; `directory` (absolute) is where relative
/// paths start. What has the inode, the size and the time of a file in `known` has its hash. Of the others
/// twice most_hashed_bytes are read together, and so much at most of one; a file beyond that, or that cannot
/// be read, has a hash of its size and time. One that is gone keeps what it has.
void hash_files(std::vector<CodeFile>& files, const std::string& directory, const std::vector<Code>& known);

/// Counts each code's points anew, from its records; reads them all.
Result<void> count_points(const ChunkFolder& chunks, std::vector<Code>& codes);

}  // namespace sweepd
