// ChunkWriter: appends records to a chunk's .part file and commits it under its final name.
#pragma once

#include <cstdint>
#include <string>

#include "runner/core/chunk.h"
#include "runner/core/error.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

/// The folders of committed and of part files; not owned.
struct ChunkFolderFds {
  int committed;
  int staging;
};

/// Records reach the file when flush() is called, and the disk a second later at most; they count as finished
/// once commit() has returned. After a failure the part file is left to be salvaged. That copies it, so a
/// sync that failed does no harm, though the kernel takes what it could not write for written from then on.
class ChunkWriter {
 public:
  /// Makes `<first>-<last>.part` in the staging folder, which must not be there yet.
  static Result<ChunkWriter> create(const ChunkFolderFds& folders, const Chunk& chunk);

  /// Where the next record's text is appended; complete lines only when flush() is called.
  std::string& buffer() { return buffer_; }

  /// Hands the buffer to the system, or only its first `bytes`; the rest moves to the front.
  Result<void> flush() { return flush(buffer_.size()); }
  Result<void> flush(size_t bytes);
  /// Flushes, syncs and moves to the committed ones, by the name of [first, until), which is synced as well;
  /// with nothing written the file is removed.
  Result<void> commit(uint64_t until);

 private:
  ChunkWriter(const ChunkFolderFds& folders, Chunk chunk, UniqueFd file);
  void start_writeback();
  Result<void> sync();

  ChunkFolderFds folders_;
  Chunk chunk_;
  UniqueFd file_;
  std::string buffer_;
  int64_t written_ = 0;            // bytes of the file
  int64_t writeback_started_ = 0;  // ... that are on their way to the disk
  int64_t synced_at_ns_;
};

}  // namespace sweepd
