// Finding the parts of a record's line without parsing JSON, by the order that runner/core/record.h fixes;
// and walking through a chunk file with every line checked to be the record of the index that is due. It does
// not know what parameters and results hold: whether they are valid JSON is not looked at here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runner/core/chunk.h"
#include "runner/core/error.h"
#include "runner/engine/line_reader.h"

namespace sweepd {

/// The parts of one record, as views into its line; LineReader::padding bytes behind each may be read.
struct ScannedRecord {
  uint64_t index = 0;
  bool ok = false;        ///< its status
  std::string_view text;  ///< the whole line
  std::string_view core;  ///< the line without its `run` and without the closing brace
  std::string_view id;
  std::string_view params;  ///< a flat JSON object
  std::string_view value;   ///< the JSON of `result` where ok, else of `error`
};

/// Whether a line ends in its `run` (chunk files) or has none (results.json).
enum class RunPart { present, absent };

/// None where the line is not a record of point `index`.
std::optional<ScannedRecord> scan_record(std::string_view line, uint64_t index, RunPart run);
/// The same for whatever index the line has.
std::optional<ScannedRecord> scan_record(std::string_view line, RunPart run);

/// A file of a sweep directory's chunks/ folder; runner/core/chunk_name.h has its name.
struct ChunkFile {
  Chunk range;
  bool part = false;  ///< being written or left unfinished: the complete lines at its beginning count
};

/// Walks through chunk files, one after the other.
class RecordScan {
 public:
  /// `folder`: the path of chunks/.
  explicit RecordScan(std::string folder) : folder_(std::move(folder)) {}

  Result<void> open(const ChunkFile& file);

  /// The next record, valid until the next call; null at the end of the file and where something is wrong.
  const ScannedRecord* next();

  /// The number of records read. Fails, naming file and line, where a line was not the record that was due,
  /// and where a committed file did not hold exactly the records of its range. Call it once next() has
  /// returned null.
  Result<uint64_t> finish() const;

  /// Where the last record stands.
  SourcePosition position() const;

 private:
  std::string folder_;
  LineReader lines_;
  ChunkFile file_;
  uint64_t due_ = 0;
  ScannedRecord record_;
  std::optional<Error> error_;
};

}  // namespace sweepd
