// The form of results.json, one place for writer and readers:
//
//   {"sweep":{"name":…,"task":…,"points":N,"seed":…,"fingerprint":"…","complete":true,"ok":n,"failed":n},"results":[
//   <record>,
//   <record>
//   ],"reduced":[
//   <row>,
//   <row>
//   ]}
//
// Records and rows stand one to a line, records without their `run`, in order of index. `"scaling":[…]`
// follows `reduced` where the task is `scaling`. A list of nothing is `[]`, but for `results`. Since the
// counts are known last, the first line is padded with spaces to the length it has with the largest counts
// that `points` allows: the file stays a function of the records alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/sweep.h"
#include "runner/engine/line_reader.h"
#include "runner/engine/record_scan.h"

namespace sweepd {

struct MergeCounts {
  uint64_t ok = 0;
  uint64_t failed = 0;
  uint64_t records() const { return ok + failed; }
};

/// The first line of results.json, newline included; always of the same length for one sweep.
std::string merged_header(const Sweep& sweep, const MergeCounts& counts);

/// Reads results.json.
class MergedFile {
 public:
  /// Fails where there is no such file or its first line is not that of a results.json.
  static Result<MergedFile> open(const std::string& path);

  const std::string& fingerprint() const { return fingerprint_; }
  bool is_complete() const { return is_complete_; }

  /// The next record, valid until the next call; null after the last and where something is wrong.
  const ScannedRecord* next();
  /// Once next() has returned null: whether all was well.
  Result<void> finish() const;

 private:
  LineReader lines_;
  std::string fingerprint_;
  bool is_complete_ = false;
  bool at_end_ = false;
  ScannedRecord record_;
};

/// The rows of `reduced`, at most `max_rows` of them, and how many there are; read from the end of the file,
/// however many records stand before.
struct ReducedRows {
  std::vector<std::string> rows;  ///< the JSON of each
  uint64_t total = 0;
};
Result<ReducedRows> read_reduced_rows(const std::string& path, size_t max_rows);

}  // namespace sweepd
