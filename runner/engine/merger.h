// Merger: records, in order of index, become results.json, and results.csv where asked for. It streams:
// its memory does not grow with the number of records (a median and the groups of `reduce` apart). It knows
// nothing of how the chunks came to be; the form of results.json is in merged_file.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/sweep.h"
#include "runner/engine/csv.h"
#include "runner/engine/merged_file.h"
#include "runner/engine/record_stream.h"
#include "runner/engine/reducer.h"
#include "runner/engine/scaling_table.h"
#include "runner/engine/sweep_directory.h"
#include "runner/platform/atomic_file.h"

namespace sweepd {

/// What a merge came to.
struct MergeOutcome {
  MergeCounts counts;
  bool complete = false;              ///< every point has a record
  ReducedRows reduced;                ///< the first rows of `reduced`, for the terminal
  std::vector<std::string> scaling;   ///< the JSON of each table of `scaling`
  std::vector<std::string> warnings;  ///< one sentence each
  std::vector<uint64_t> of_code;  ///< how many records each code (core/code.h) has, by number from 0: none
};

/// Until finish() nothing shows in the sweep directory but temporary
/// files, which go with the merger. Every error names the file and line it is about.
class Merger {
 public:
  /// How many rows of `reduced` an outcome has at most.
  static constexpr size_t rows_kept = 20;

  /// `directory`: the sweep directory. Both outlive the merger.
  static Result<Merger> create(const Sweep& sweep, const SweepDirectory& directory);

  /// Has something called while records are added, several times a second.
  void call_meanwhile(std::function<void()> call) { meanwhile_ = std::move(call); }

  /// Adds records, in order of index. After a failure the merger is of no use.
  Result<void> add(RecordStream& records);

  /// Writes what follows the records and gives the files their names. Where points are missing, a
  /// results.json that is complete for the same points is left alone, and this fails.
  Result<MergeOutcome> finish();

 private:
  Merger(const Sweep& sweep, AtomicFile merged);

  bool wants_values() const { return reducer_ || csv_ || scaling_; }
  Result<void> add(const ScannedRecord& record, const RecordStream& records);
  void count_code(uint32_t number);
  Result<void> add_values(const ScannedRecord& record, const RecordStream& records);
  void append_lists(MergeOutcome& outcome);
  Result<void> check_overwrite() const;

  const Sweep* sweep_;
  const bool have_codes_;
  std::vector<uint64_t> of_code_;
  AtomicFile merged_;
  std::optional<CsvFile> csv_;
  std::optional<Reducer> reducer_;
  std::optional<ScalingTable> scaling_;
  MergeCounts counts_;
  std::function<void()> meanwhile_;
};

}  // namespace sweepd
