// ChunkStore: the files of a sweep directory's chunks/ folder: at once the output, the journal and the
// recovery log. It knows which records are there, not what they mean. runner/engine/FORMAT.md describes the
// files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/chunk.h"
#include "runner/core/error.h"
#include "runner/engine/record_stream.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

/// What could be kept of a part file.
struct Salvage {
  uint64_t until = 0;   ///< records of [first, until) are committed now
  uint64_t failed = 0;  ///< of these
};

class ChunkStore {
 public:
  /// Reads which points are kept. Records of the file of kept ones that are damaged or another sweep's do not
  /// count.
  static Result<ChunkStore> open(const SweepDirectory& directory, RecordOrigin origin);

  const KeptPoints& kept() const { return kept_; }

  /// What is there, files being written included. Where files overlap, as after a run that was believed dead
  /// and was not, each point counts in the one that begins first.
  Result<ChunkFolder> list() const;

  /// What is committed, by the names of the files alone. Other runs may be writing.
  Result<ChunkFolder> list_committed() const;

  /// Salvages whatever this run, which is at work no more, or one of an earlier version left half written,
  /// then lists what is committed.
  Result<ChunkFolder> recover() const;

  /// Commits the complete records of this run's part file of `part`; the torn rest is dropped. Where there is
  /// no such file, its worker had not begun it, or had committed it.
  Result<Salvage> salvage(const Chunk& part) const;

  /// The same for a part file in the folder of another run. It is copied, so that a process that is still
  /// writing it cannot commit it any more.
  Result<Salvage> salvage_in(const std::string& folder, const Chunk& part) const;

  /// Looks at every committed record. A file with one that is not as it was written or is another sweep's, or
  /// with one too many or too few, is set aside as `<name>.damaged`; the records in it that are intact are
  /// committed again in files of their own, so exactly the others are missing. Returns a sentence for each
  /// such file.
  Result<std::vector<std::string>> repair();

  /// Commits one record (a whole line) as the chunk [index, index + 1).
  Result<void> commit_record(uint64_t index, std::string_view line) const;

  std::string path(const Chunk& chunk) const;

 private:
  /// Where the first record stands that does not count.
  struct Fault {
    uint64_t line = 0;
    uint64_t byte = 0;
    bool is_stranger = false;  ///< intact, but another sweep's
    std::string text() const;
  };

  ChunkStore(SweepDirectory directory, RecordOrigin origin)
      : directory_(std::move(directory)), folder_(directory_.chunks()), origin_(std::move(origin)) {}
  std::string kept_path() const { return folder_ + '/' + kept_file_name; }
  Result<void> read_kept();
  Result<Salvage> committed_from(const Chunk& chunk) const;
  Result<std::vector<ChunkFile>> committed_files() const;
  Result<std::vector<ChunkFile>> part_files() const;
  void keep_alive() const;
  Result<std::string> repair_kept() const;
  Result<std::string> repair(const Chunk& range, const Fault& fault) const;

  SweepDirectory directory_;
  std::string folder_;  // chunks/
  RecordOrigin origin_;
  KeptPoints kept_;
  std::optional<Fault> kept_fault_;
};

}  // namespace sweepd
