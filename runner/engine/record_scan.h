// Finding the parts of a record's line without parsing JSON, by the order that runner/core/record.h fixes;
// and walking through a chunk file with every line checked to be the record of the index that is due. It does
// not know what parameters and results hold: whether they are valid JSON is not looked at here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runner/core/chunk.h"
#include "runner/core/error.h"
#include "runner/core/kept_points.h"
#include "runner/engine/line_reader.h"
#include "runner/engine/record_origin.h"

namespace sweepd {

/// The parts of one record, as views into its line; LineReader::padding bytes behind each may be read.
struct ScannedRecord {
  uint64_t index = 0;
  bool ok = false;        ///< its status
  std::string_view text;  ///< the whole line
  std::string_view core;  ///< the line without its `run` and without the closing brace
  std::string_view id;
  std::string_view params;  ///< a JSON object, mostly a flat one
  std::string_view value;   ///< the JSON of `result` where ok, else of `error`
  std::string_view sweep;   ///< the mark of its sweep; empty where it has none
  /// From the value of its status to the end of the line.
  std::string_view outcome() const { return text.substr(outcome_at); }
  size_t outcome_at = 0;
};

/// Whether a line ends in its `run` (chunk files) or has none (results.json).
enum class RunPart { present, absent };

/// None where the line is not a record of point `index`.
std::optional<ScannedRecord> scan_record(std::string_view line, uint64_t index, RunPart run);
/// The same for whatever index the line has.
std::optional<ScannedRecord> scan_record(std::string_view line, RunPart run);

/// A file of a sweep directory's chunks/ folder, or on its way there; runner/core/chunk_name.h has its name.
struct ChunkFile {
  Chunk range;
  bool part = false;     ///< being written or left unfinished: the complete lines at its beginning count
  std::string folder{};  ///< of a part file: the folder it is in, a run's or, of earlier versions, chunks/
  uint64_t from = 0;     ///< records of smaller indices do not count: another file has them

  Chunk counted() const { return {std::max(range.first, from), range.last}; }
};

/// Walks through chunk files, one after the other. A file holds the records of its range without those of
/// kept points.
class RecordScan {
 public:
  /// `folder`: the path of chunks/. `kept` outlives the scan. Records of another origin are not those due.
  explicit RecordScan(std::string folder, const KeptPoints& kept = no_kept_points, RecordOrigin origin = {})
      : folder_(std::move(folder)), kept_(kept), origin_(std::move(origin)) {}

  Result<void> open(const ChunkFile& file);

  bool is_open() const { return lines_.is_open(); }
  /// The next record, valid until the next call; null at the end of the file and where something is wrong.
  const ScannedRecord* next();

  /// How far the file's records reach: [range.first, until()) is covered by those read and by kept points.
  uint64_t until() const { return std::min(due_, file_.range.last); }

  /// The number of records read. Fails, naming file and line, where a line was not the record that was due,
  /// and where a committed file did not hold exactly the records of its range. Call it once next() has
  /// returned null.
  Result<uint64_t> finish() const;
  /// Whether it fails since a record belongs to another sweep.
  bool met_stranger() const { return met_stranger_; }

  /// Where the last record stands.
  SourcePosition position() const;
  /// How many bytes at the beginning of the file hold the records read.
  uint64_t intact_bytes() const { return intact_bytes_; }

 private:
  const ScannedRecord* next_in_file();
  const ScannedRecord* refuse(Error error);

  std::string folder_;
  const KeptPoints& kept_;
  RecordOrigin origin_;
  LineReader lines_;
  ChunkFile file_;
  uint64_t count_ = 0;
  uint64_t intact_bytes_ = 0;
  uint64_t due_ = 0;
  ScannedRecord record_;
  std::optional<Error> error_;
  bool met_stranger_ = false;
};

}  // namespace sweepd
