// RecordColumns: records as rows of a table: one column for each parameter and for each result field. Used
// for CSV and for tables on a terminal; it does not know how cells are written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runner/core/space.h"
#include "runner/engine/record_reader.h"
#include "runner/engine/record_scan.h"

namespace sweepd {

/// Names in an order, each with its place.
class NamePlaces {
 public:
  static constexpr size_t none = static_cast<size_t>(-1);

  void add(std::string_view name);
  /// The place of `name`, which member number `member` of an object has. Objects mostly have the same members
  /// in the same order, so that number's place of the object before is looked at first.
  size_t find(size_t member, std::string_view name);
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, size_t> places_;
  std::vector<size_t> last_;  // by member
  std::string name_;
};

class RecordColumns {
 public:
  /// Fields past this many are left out of the table.
  static constexpr size_t max_fields = 10'000;

  /// The space's columns; result fields are added as they appear.
  explicit RecordColumns(const std::vector<Column>& parameters);

  /// Fills cells() from the record and learns the fields it is the first to have. False where its
  /// JSON is damaged.
  bool read(const ScannedRecord& record);

  /// The JSON text of each column's value; empty where the record has none. Valid as long as
  /// the record's line.
  const std::vector<std::string_view>& cells() const { return cells_; }

  /// How many columns there are; grows with the fields learnt.
  size_t size() const { return parameters_.names().size() + fields_.names().size(); }
  /// Whether there were more than max_fields fields.
  bool is_cut() const { return is_cut_; }

  /// Unique names. A result field that is named as a column before it is `result.<name>`; a parameter that is
  /// named index, id or status is `params.<name>`.
  std::vector<std::string> header() const;

 private:
  void fill_parameters();
  void fill_fields();

  NamePlaces parameters_;
  NamePlaces fields_;  ///< in order of first appearance
  std::vector<std::string_view> cells_;
  RecordReader reader_;
  Members members_;
  bool is_cut_ = false;
};

}  // namespace sweepd
