// ChunkWriter: appends records to a chunk's .part file and commits it under its final name.
#pragma once

#include <cstdint>
#include <string>

#include "runner/core/chunk.h"
#include "runner/core/error.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

/// Records reach the file when flush() is called; they count as finished once commit() has returned.
class ChunkWriter {
 public:
  /// Makes `<first>-<last>.part` in the folder, which must not be there yet.
  static Result<ChunkWriter> create(int chunks_folder_fd, const Chunk& chunk);

  /// Where the next record's text is appended; complete lines only when flush() is called.
  std::string& buffer() { return buffer_; }

  Result<void> flush();
  /// Flushes, syncs and renames to the name of [first, until); with nothing written the file is removed.
  Result<void> commit(uint64_t until);

 private:
  ChunkWriter(int folder, Chunk chunk, UniqueFd file);

  int folder_;
  Chunk chunk_;
  UniqueFd file_;
  std::string buffer_;
};

}  // namespace sweepd
