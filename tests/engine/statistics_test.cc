#include "runner/engine/statistics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace sweepd {
namespace {

Number integer(int64_t value) { return {true, value, static_cast<double>(value)}; }
Number real(double value) { return {false, 0, value}; }

std::string statistic(const std::vector<Number>& numbers, Statistic which) {
  FieldStatistics statistics(true);
  for (const Number& number : numbers) statistics.add(number);
  std::string text;
  statistics.append_json(text, which);
  return text;
}

std::vector<Number> reals(const std::vector<double>& values) {
  std::vector<Number> numbers;
  for (const double value : values) numbers.push_back(real(value));
  return numbers;
}

double value(const std::vector<double>& values, Statistic which) {
  return std::stod(statistic(reals(values), which));
}

TEST_CASE("statistics: of integers") {
  const std::vector<Number> numbers = {integer(4), integer(1), integer(3), integer(2)};
  CHECK(statistic(numbers, Statistic::count) == "4");
  CHECK(statistic(numbers, Statistic::sum) == "10");
  CHECK(statistic(numbers, Statistic::mean) == "2.5");
  CHECK(statistic(numbers, Statistic::min) == "1");
  CHECK(statistic(numbers, Statistic::max) == "4");
  CHECK(statistic(numbers, Statistic::median) == "2.5");
  CHECK(statistic(numbers, Statistic::std) == "1.2909944487358056");
}

TEST_CASE("statistics: of nothing and of one value") {
  CHECK(statistic({}, Statistic::count) == "0");
  CHECK(statistic({}, Statistic::sum) == "0");
  for (const Statistic which :
       {Statistic::mean, Statistic::std, Statistic::min, Statistic::max, Statistic::median})
    CHECK(statistic({}, which) == "null");
  CHECK(statistic({real(0.1)}, Statistic::std) == "null");
  CHECK(statistic({real(0.1)}, Statistic::mean) == "0.1");
  CHECK(statistic({real(0.1)}, Statistic::median) == "0.1");
}

TEST_CASE("statistics: a sum of integers is exact and an integer where it fits 64 bits") {
  const int64_t large = std::numeric_limits<int64_t>::max();
  CHECK(statistic({integer(large), integer(large), integer(-large)}, Statistic::sum) ==
        "9223372036854775807");
  CHECK(std::stod(statistic({integer(large), integer(1)}, Statistic::sum)) == 9223372036854775808.0);
  CHECK(statistic({integer(large), integer(1)}, Statistic::sum).find_first_of(".e") != std::string::npos);
  CHECK(statistic({integer(1), real(1)}, Statistic::sum) == "2.0");
  CHECK(statistic({integer(large), integer(large - 1)}, Statistic::min) == "9223372036854775806");
}

TEST_CASE("statistics: summation keeps what plain addition loses") {
  CHECK(value({1.0, 1e100, 1.0, -1e100}, Statistic::sum) == 2.0);
  CHECK(value(std::vector<double>(10, 0.1), Statistic::sum) == 1.0);
  CHECK(value(std::vector<double>(1'000'000, 0.1), Statistic::mean) == 0.1);
}

TEST_CASE("statistics: the deviation of equal values is exactly 0, that of large close ones is right") {
  CHECK(statistic(reals(std::vector<double>(1000, 0.1)), Statistic::std) == "0.0");
  CHECK(value({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}, Statistic::std) ==
        doctest::Approx(std::sqrt(30.0)).epsilon(1e-15));
  CHECK(value({0.0, 1e15 + 4, 1e15 + 4}, Statistic::std) ==
        doctest::Approx((1e15 + 4) / std::sqrt(3.0)).epsilon(1e-15));
  CHECK(value({1e-170, 3e-170}, Statistic::std) == doctest::Approx(0.0));
}

TEST_CASE("statistics: agree with the two-pass formulas in long double") {
  std::mt19937_64 random(7);
  std::vector<double> values;
  for (int i = 0; i < 10'000; ++i)
    values.push_back(1e6 + std::ldexp(static_cast<double>(random() >> 11), -50));
  long double sum = 0;
  for (const double x : values) sum += x;
  const long double mean = sum / 10'000;
  long double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  CHECK(value(values, Statistic::mean) == doctest::Approx(static_cast<double>(mean)).epsilon(1e-15));
  CHECK(value(values, Statistic::std) ==
        doctest::Approx(static_cast<double>(std::sqrt(squares / 9'999))).epsilon(1e-14));
}

TEST_CASE("statistics: not-a-number spreads, infinities stay infinite") {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const std::vector<double>& values : {std::vector{nan, 1.0, 2.0}, std::vector{1.0, nan, 2.0}})
    for (const Statistic which :
         {Statistic::sum, Statistic::mean, Statistic::std, Statistic::min, Statistic::max, Statistic::median})
      CHECK(statistic(reals(values), which) == "\"NaN\"");
  CHECK(statistic(reals({1.0, inf}), Statistic::mean) == "\"Infinity\"");
  CHECK(statistic(reals({1.0, -inf}), Statistic::min) == "\"-Infinity\"");
  CHECK(statistic(reals({1.0, inf}), Statistic::min) == "1.0");
  CHECK(statistic(reals({1.0, inf}), Statistic::std) == "\"NaN\"");
  CHECK(statistic(reals({1e200, -1e200}), Statistic::std) == "\"Infinity\"");
}

TEST_CASE("statistics: the median of an odd and an even number of values, and of huge ones") {
  CHECK(value({5, 1, 3}, Statistic::median) == 3);
  CHECK(value({5, 1, 3, 4}, Statistic::median) == 3.5);
  CHECK(value({1.7e308, 1.6e308}, Statistic::median) == doctest::Approx(1.65e308));
}

}  // namespace
}  // namespace sweepd
