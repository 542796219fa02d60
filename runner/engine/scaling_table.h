// ScalingTable: the `scaling` list of results.json: how the time of the scaling task falls with the number of
// workers. It is told records one by one and knows no files; the formulas are in runner/core/amdahl.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runner/core/amdahl.h"
#include "runner/engine/record_reader.h"
#include "runner/engine/record_scan.h"

namespace sweepd {

/// Points that agree in all parameters but `workers`, `repeats` and `replicate` make one table.
class ScalingTable {
 public:
  /// Counts a record in, if it is ok. False where its JSON is damaged or is no result of the scaling task.
  bool add(const ScannedRecord& record);

  /// The JSON of every table, in order of the tables' first indices:
  ///   {"mode":"strong","darts":100000000,"rows":[{"workers":1,"seconds":2.0,"speedup":1.0,"efficiency":1.0},…],
  ///    "p":0.98,"limit":50.0,"peak_workers":8}
  /// Rows are in order of `workers`; of several points with the same number the median is taken. `p` and
  /// `limit` are null where there is no fit (a weak table, fewer than two numbers of workers), `limit` also
  /// where p is 1.
  std::vector<std::string> tables() const;

 private:
  struct Table {
    std::string parameters;  ///< the JSON of those all its points have in common, without the closing brace
    ScalingMode mode;
    std::vector<ScalingTime> times;
  };

  Table& table_of_point();
  static std::string json_of(const Table& table);

  std::unordered_map<std::string, size_t> places_;
  std::vector<Table> tables_;
  RecordReader reader_;
  Members params_;
  Members result_;
};

}  // namespace sweepd
