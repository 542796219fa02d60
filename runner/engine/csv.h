// CSV (RFC 4180, lines end in a line feed) of records: columns index, id, status, one per parameter, one per
// result field. Strings stand raw, quoted where needed; numbers as in the JSON; lists and objects as their
// JSON text; what a record does not have is empty, and an empty string is "".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/space.h"
#include "runner/engine/record_columns.h"
#include "runner/engine/record_scan.h"
#include "runner/platform/atomic_file.h"

namespace sweepd {

void append_csv_header(std::string& out, const RecordColumns& columns);
/// The row of the record that `columns` read last.
void append_csv_row(std::string& out, const ScannedRecord& record, const RecordColumns& columns);

/// results.csv, made in one go with results.json. The header wants all fields known before the first row, so
/// rows are written as if the first ok record had them all; if a later one has others, everything is written
/// again at the end, from the merged records. Memory does not grow with the records.
class CsvFile {
 public:
  /// By way of the folder `staging`.
  static Result<CsvFile> create(std::string path, std::string staging, const std::vector<Column>& parameters);

  /// False where the record's JSON is damaged.
  bool add(const ScannedRecord& record);

  /// Gives the file its name. `merged_path`: a file that holds the same records as results.json does, to
  /// write the rows again from where they have become stale.
  Result<void> finish(const std::string& merged_path);

  /// Whether fields had to be left out.
  bool is_cut() const { return columns_.is_cut(); }

 private:
  CsvFile(AtomicFile file, std::string staging, const std::vector<Column>& parameters);
  void append_row(const ScannedRecord& record);
  Result<void> rewrite(const std::string& merged_path);

  AtomicFile file_;
  std::string staging_;
  RecordColumns columns_;
  size_t header_columns_ = 0;  ///< of the header written
  bool is_stale_ = false;      ///< there are fields that the header written does not have
  std::string row_;
};

}  // namespace sweepd
