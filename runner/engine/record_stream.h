// RecordStream: all that a chunks/ folder holds, in order of index. It does not know how the files came to
// be, nor what is done with the records.
#pragma once

#include <string>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/kept_points.h"
#include "runner/engine/line_reader.h"
#include "runner/engine/record_scan.h"

namespace sweepd {

/// The name of the file in chunks/ that holds the records of kept points, in order of index.
inline constexpr const char* kept_file_name = "kept.ndjson";

/// What is in chunks/: chunk files in order of index, and which points the file of kept ones has.
struct ChunkFolder {
  std::string path;
  std::vector<ChunkFile> files;
  KeptPoints kept;
  RecordOrigin origin{};  ///< whose records count

  /// How many points have a record, as far as the names tell.
  uint64_t points() const;
  /// The ranges that the chunk files answer for.
  std::vector<Chunk> ranges() const;
};

/// How many points have an intact record that can be read, whatever else is in the files; reads them all.
uint64_t count_intact(const ChunkFolder& folder);

class RecordStream {
 public:
  /// `folder` outlives the stream.
  explicit RecordStream(const ChunkFolder& folder);

  /// The next record, valid until the next call; null at the end and where something is wrong.
  const ScannedRecord* next();
  /// Once next() has returned null: whether all was well.
  Result<void> finish() const;
  /// Where the last record stands.
  SourcePosition position() const;

 private:
  void open_kept();
  void advance_kept();
  void advance_chunks();
  bool is_gone(const ChunkFile& part) const;
  void fail(Error error);

  const ChunkFolder& folder_;
  size_t next_file_ = 0;
  RecordScan scan_;
  LineReader kept_lines_;
  ScannedRecord kept_record_;
  const ScannedRecord* kept_ = nullptr;   // due next of the kept ones
  const ScannedRecord* chunk_ = nullptr;  // due next of the chunk files
  const ScannedRecord* last_ = nullptr;
  std::optional<Error> error_;
};

}  // namespace sweepd
