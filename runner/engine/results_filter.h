// Which records `sweepd results` prints.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/space.h"
#include "runner/engine/record_reader.h"
#include "runner/engine/record_scan.h"

namespace sweepd {

/// `--where name=value`: the parameter of that name has that value.
struct Condition {
  std::string name;
  std::string value;  ///< as typed
  /// What that is in JSON where it is read as in a sweep file; none where it is no value there.
  std::optional<std::string> json{};
};

/// Splits `name=value` at the first equals sign.
Result<Condition> parse_condition(std::string_view text);

/// Whether a parameter's JSON text is the value typed: numbers by size (1e6 is 1000000 and 1000000.0),
/// strings byte by byte, others by their JSON text.
bool value_equals(std::string_view raw, std::string_view typed);
/// Whether it is that value in either way to read what was typed.
bool value_equals(std::string_view raw, const Condition& condition);

class ResultsFilter {
 public:
  /// `ok`: only ok records or only failed ones. Fails on a condition of a parameter that no point has.
  static Result<ResultsFilter> create(std::optional<bool> ok, std::vector<Condition> conditions,
                                      const std::vector<Column>& parameters);

  bool matches(const ScannedRecord& record);

 private:
  std::optional<bool> ok_;
  std::vector<Condition> conditions_;
  RecordReader reader_;
  Members members_;
};

}  // namespace sweepd
