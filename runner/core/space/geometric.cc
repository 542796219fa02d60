#include "runner/core/space/geometric.h"

#include <cmath>

namespace sweepd {
namespace {

constexpr DoubleDouble ln2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};

/// a + b, where |a| >= |b| or a is 0.
DoubleDouble quick_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

DoubleDouble sum(double a, double b) {
  const double total = a + b;
  const double of_b = total - a;
  return {total, (a - (total - of_b)) + (b - of_b)};
}

DoubleDouble sum(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble high = sum(a.high, b.high);
  return quick_sum(high.high, high.low + (a.low + b.low));
}

/// The upper 26 bits of a and the rest.
DoubleDouble split(double a) {
  const double scaled = a * 134217729.0;  // 2^27 + 1
  const double high = scaled - (scaled - a);
  return {high, a - high};
}

DoubleDouble product(double a, double b) {
  const double high = a * b;
  const DoubleDouble x = split(a), y = split(b);
  return {high, ((x.high * y.high - high) + x.high * y.low + x.low * y.high) + x.low * y.low};
}

DoubleDouble product(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble high = product(a.high, b.high);
  return quick_sum(high.high, high.low + (a.high * b.low + a.low * b.high));
}

DoubleDouble quotient(double a, double b) {
  const double high = a / b;
  const DoubleDouble back = product(high, b);
  return quick_sum(high, ((a - back.high) - back.low) / b);
}

/// 2^x for |x| <= 1/2, to about 69 bits: e^r by its series, for r = x ln 2 / 64, squared six times.
DoubleDouble exp2_near_zero(DoubleDouble x) {
  DoubleDouble r = product(x, ln2);
  r = {r.high / 64, r.low / 64};
  const double h = r.high;
  const double tail =
      h * h * h * (1.0 / 6 + h * (1.0 / 24 + h * (1.0 / 120 + h * (1.0 / 720 + h * (1.0 / 5040)))));
  const DoubleDouble square = product(r, r);
  DoubleDouble power = sum(sum(r, {square.high / 2, square.low / 2}), {tail, 0});
  power = sum({1, 0}, power);
  for (int squaring = 0; squaring < 6; ++squaring) power = product(power, power);
  return power;
}

/// log2 of a number in [1/2, 1): the library's guess, corrected by one step of Newton's method.
DoubleDouble log2_of_mantissa(double mantissa) {
  const double guess = std::log2(mantissa);
  const double whole = std::round(guess);
  const DoubleDouble power = exp2_near_zero({guess - whole, 0});
  const double error =
      ((std::ldexp(mantissa, static_cast<int>(-whole)) - power.high) - power.low) / power.high;
  return quick_sum(guess, error / ln2.high);
}

}  // namespace

Geometric::Geometric(double low, double high) {
  int high_exponent = 0;
  const double high_mantissa = std::frexp(std::fabs(high), &high_exponent);
  mantissa_ = std::frexp(low, &exponent_);
  const DoubleDouble of_low = log2_of_mantissa(std::fabs(mantissa_));
  const DoubleDouble of_mantissas = sum(log2_of_mantissa(high_mantissa), {-of_low.high, -of_low.low});
  log2_ratio_ = sum({static_cast<double>(high_exponent - exponent_), 0}, of_mantissas);
}

double Geometric::at(uint64_t numerator, uint64_t denominator) const {
  const DoubleDouble t = quotient(static_cast<double>(numerator), static_cast<double>(denominator));
  const DoubleDouble exponent = product(t, log2_ratio_);
  const double whole = std::nearbyint(exponent.high);
  const DoubleDouble power = exp2_near_zero(sum(exponent, {-whole, 0}));
  const DoubleDouble result = product({mantissa_, 0}, power);
  return std::ldexp(result.high + result.low, static_cast<int>(whole) + exponent_);
}

}  // namespace sweepd
