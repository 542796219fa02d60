// Statistics of a sequence of numbers, seen once. Deterministic: they depend on the values and their order
// alone, not on how the values came in batches, nor on the instruction set (this folder is compiled without
// contraction of multiplications and additions).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/core/sweep.h"
#include "runner/engine/json_scalar.h"

namespace sweepd {

/// A sum whose error is that of one rounding, not growing with the number of terms.
/// Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen" (1974).
struct CompensatedSum {
  double high = 0;
  double low = 0;  ///< what the additions to `high` lost
  void add(double value);
};

/// NaN and infinities take part as IEEE 754 has it: a NaN makes sum, mean, std, min, max and median NaN.
class FieldStatistics {
 public:
  /// Only the median needs the values themselves: 8 bytes for each.
  explicit FieldStatistics(bool keep_values) : keep_values_(keep_values) {}

  void add(const Number& number);

  /// Appends the JSON of a statistic:
  ///   count, sum   of no values 0; a sum of integers is an integer where it fits 64 bits
  ///   mean, median null for no values; a float else
  ///   min, max     null for no values; an integer stays one
  ///   std          null for less than two values; sqrt(sum((x - mean)^2) / (n - 1))
  void append_json(std::string& out, Statistic statistic);

  uint64_t count() const { return count_; }

 private:
  // 64-bit integers can be added 2^63 times before this is too small.
  __extension__ using WideInteger = __int128;

  void add_deviation(double value);
  void append_sum(std::string& out) const;
  double real_sum() const;
  double standard_deviation() const;
  double median();

  uint64_t count_ = 0;
  WideInteger integer_sum_ = 0;
  bool keep_values_;
  bool all_integers_ = true;
  CompensatedSum sum_;
  double plain_sum_ = 0;  ///< right where the sum is not finite, which compensation turns into NaN
  double origin_ = 0;     ///< the first value: deviations from it keep the squares small
  CompensatedSum deviations_;
  CompensatedSum squares_;  ///< of the deviations
  Number min_;
  Number max_;
  std::vector<double> values_;
};

}  // namespace sweepd
