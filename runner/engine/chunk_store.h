// ChunkStore: the chunk files of a sweep directory: at once the output, the journal and the recovery log. It
// knows which records are there, not what they mean.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/chunk.h"
#include "runner/core/error.h"
#include "runner/engine/record_scan.h"

namespace sweepd {

/// What could be kept of a part file.
struct Salvage {
  uint64_t until = 0;   ///< records of [first, until) are committed now
  uint64_t failed = 0;  ///< of these
};

class ChunkStore {
 public:
  explicit ChunkStore(std::string folder);

  /// The chunk files in order of index, those being written included. One whose range lies within another's
  /// is left out: it holds nothing that the other does not. Fails where two overlap in any other way.
  Result<std::vector<ChunkFile>> list() const;

  /// Salvages whatever an earlier run left half written, then lists what is committed.
  Result<std::vector<ChunkFile>> recover() const;

  /// Commits the complete records of the part file of `part`; the torn rest is dropped. Fine if there is no
  /// such file. No process may be writing it.
  Result<Salvage> salvage(const Chunk& part) const;

  /// Looks at every committed record. A file with one that is not as it was written, or with one too many or
  /// too few, is set aside as `<name>.damaged`; the records in it that are intact are committed again in
  /// files of their own, so exactly the others are missing. Returns a sentence for each such file.
  Result<std::vector<std::string>> repair() const;

  /// Drops the records of failed points, so that they run again; returns how many there were. Cut short at
  /// any moment, it has dropped the failed points of some files and lost no other record.
  Result<uint64_t> forget_failed() const;

  /// Commits one record (a whole line) as the chunk [index, index + 1).
  Result<void> commit_record(uint64_t index, std::string_view line) const;

  std::string path(const Chunk& chunk) const;

 private:
  Result<uint64_t> forget_failed(const ChunkFile& file) const;
  Result<std::string> repair(const Chunk& range, const Error& damage) const;

  std::string folder_;
};

}  // namespace sweepd
