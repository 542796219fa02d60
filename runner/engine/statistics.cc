#include "runner/engine/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runner/core/json.h"

namespace sweepd {
namespace {

/// An unevaluated sum of two doubles, |low| at most half a unit in the last place of high.
struct Pair {
  double high;
  double low;
};

// The exact sum. Knuth, The Art of Computer Programming 2, 4.2.2, theorem B.
Pair two_sum(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

// The exact product. Dekker, "A floating-point technique for extending the available precision" (1971).
Pair two_product(double a, double b) {
  constexpr double splitter = 134'217'729.0;  // 2^27 + 1
  const double a_scaled = splitter * a;
  const double a_high = a_scaled - (a_scaled - a);
  const double a_low = a - a_high;
  const double b_scaled = splitter * b;
  const double b_high = b_scaled - (b_scaled - b);
  const double b_low = b - b_high;
  const double product = a * b;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

Pair normalized(const CompensatedSum& sum) { return two_sum(sum.high, sum.low); }

Pair divided(Pair a, double divisor) {
  const double quotient = a.high / divisor;
  const Pair back = two_product(quotient, divisor);
  const double rest = ((a.high - back.high) - back.low) + a.low;
  return two_sum(quotient, rest / divisor);
}

Pair multiplied(Pair a, Pair b) {
  const Pair product = two_product(a.high, b.high);
  return two_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

// a - b, as a double.
double difference(Pair a, Pair b) {
  const Pair high = two_sum(a.high, -b.high);
  return high.high + (high.low + (a.low - b.low));
}

bool less(const Number& a, const Number& b) {
  return a.is_integer && b.is_integer ? a.integer < b.integer : a.real < b.real;
}

void append_number(std::string& out, const Number& number) {
  if (number.is_integer)
    append_json(out, number.integer);
  else
    append_json(out, number.real);
}

}  // namespace

void CompensatedSum::add(double value) {
  const Pair sum = two_sum(high, value);
  high = sum.high;
  low += sum.low;
}

void FieldStatistics::add(const Number& number) {
  if (count_ == 0) {
    origin_ = number.real;
    min_ = max_ = number;
  }
  ++count_;
  all_integers_ = all_integers_ && number.is_integer;
  integer_sum_ += number.integer;
  sum_.add(number.real);
  plain_sum_ += number.real;
  add_deviation(number.real);
  if (less(number, min_) || std::isnan(number.real)) min_ = number;
  if (less(max_, number) || std::isnan(number.real)) max_ = number;
  if (keep_values_) values_.push_back(number.real);
}

void FieldStatistics::add_deviation(double value) {
  const Pair deviation = two_sum(value, -origin_);
  deviations_.add(deviation.high);
  deviations_.low += deviation.low;
  const Pair square = two_product(deviation.high, deviation.high);
  squares_.add(square.high);
  squares_.low += square.low + 2 * deviation.high * deviation.low;
}

double FieldStatistics::real_sum() const {
  const double sum = sum_.high + sum_.low;
  return std::isfinite(sum) ? sum : plain_sum_;
}

void FieldStatistics::append_sum(std::string& out) const {
  constexpr WideInteger low = std::numeric_limits<int64_t>::min();
  constexpr WideInteger high = std::numeric_limits<int64_t>::max();
  if (all_integers_ && integer_sum_ >= low && integer_sum_ <= high)
    sweepd::append_json(out, static_cast<int64_t>(integer_sum_));
  else
    sweepd::append_json(out, real_sum());
}

// The sum of squares about the mean is that about the origin less (sum of deviations)^2 / n; with both kept
// in twice the precision, what cancels does no harm.
double FieldStatistics::standard_deviation() const {
  const auto n = static_cast<double>(count_);
  const Pair deviations = normalized(deviations_);
  const double about_mean = difference(normalized(squares_), multiplied(deviations, divided(deviations, n)));
  if (std::isnan(about_mean))  // of finite values: their squares overflow
    return std::isfinite(plain_sum_) ? std::numeric_limits<double>::infinity() : about_mean;
  return std::sqrt(std::max(about_mean, 0.0) / (n - 1));
}

double FieldStatistics::median() {
  if (std::any_of(values_.begin(), values_.end(), [](double value) { return std::isnan(value); }))
    return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values_.begin() + static_cast<std::ptrdiff_t>(values_.size() / 2);
  std::nth_element(values_.begin(), middle, values_.end());
  if (values_.size() % 2 == 1) return *middle;
  const double below = *std::max_element(values_.begin(), middle);
  const double sum = below + *middle;
  return std::isfinite(sum) ? sum / 2 : below / 2 + *middle / 2;
}

void FieldStatistics::append_json(std::string& out, Statistic statistic) {
  if (statistic == Statistic::count) return sweepd::append_json(out, count_);
  if (statistic == Statistic::sum) return append_sum(out);
  if (count_ < (statistic == Statistic::std ? 2 : 1)) {
    out += "null";
    return;
  }
  switch (statistic) {
    case Statistic::mean:
      return sweepd::append_json(out, real_sum() / static_cast<double>(count_));
    case Statistic::std:
      return sweepd::append_json(out, standard_deviation());
    case Statistic::min:
      return append_number(out, min_);
    case Statistic::max:
      return append_number(out, max_);
    case Statistic::median:
      return sweepd::append_json(out, median());
    case Statistic::count:
    case Statistic::sum:
      return;
  }
}

}  // namespace sweepd
