// Reducer: `reduce` of the sweep file: statistics of result fields over the points that agree in some
// parameters. It is told records one by one, in order of index, and knows no files.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/sweep.h"
#include "runner/engine/record_reader.h"
#include "runner/engine/record_scan.h"
#include "runner/engine/statistics.h"

namespace sweepd {

/// Memory: one entry for each group, and 8 bytes for each value of which a median is asked.
///
/// A field is a top-level member of `result`; a name with dots also reaches into objects ("fit.slope"); of a
/// result that is no object, the field is "result". Values are JSON numbers, booleans (0 and 1) and the
/// strings "NaN", "Infinity" and "-Infinity"; a record where a field is missing or is something else is left
/// out of that field.
class Reducer {
 public:
  explicit Reducer(Reduce reduce);

  /// Counts a record in, failed ones too: they make a group known (its row has its place and a count of 0
  /// then), but take no part in statistics. False where its JSON is damaged.
  bool add(const ScannedRecord& record);

  uint64_t groups() const { return order_.size(); }

  /// Calls `write` with the JSON of every group, in order of the groups' first indices:
  ///   {"by":{"darts":1000000.0},"count":100,"fields":{"pi":{"mean":3.14,"std":0.01}}}
  /// `count` is the number of ok records. A parameter that the group's points do not have is not in its `by`.
  void write_rows(const std::function<void(std::string_view)>& write);

  /// What was left out, one sentence for each field it happened to.
  std::vector<std::string> warnings() const;

 private:
  struct Field {
    std::string name;
    std::vector<Statistic> statistics;
    bool keep_values = false;
    size_t place = 0;  ///< in the result before, to be looked at first
    uint64_t left_out = 0;
    uint64_t left_out_index = 0;  ///< of the first
  };
  struct Group {
    uint64_t count = 0;
    std::vector<FieldStatistics> fields;
  };
  using Groups = std::unordered_map<std::string, Group>;

  bool find_group(const ScannedRecord& record);
  void add_field(const ScannedRecord& record, Field& field, FieldStatistics& statistics);
  std::optional<Number> value_of(Field& field);
  void append_row(std::string& row, const std::string& by, Group& group) const;

  std::vector<std::string> by_;
  std::vector<size_t> by_places_;
  std::vector<Field> fields_;
  Groups groups_;
  std::vector<Groups::value_type*> order_;
  Groups::value_type* group_ = nullptr;  ///< of the last record
  RecordReader reader_;
  RecordReader nested_reader_;
  Members params_;
  Members result_;
  Members nested_;
  std::string key_;
};

}  // namespace sweepd
