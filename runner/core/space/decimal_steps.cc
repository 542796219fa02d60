#include "runner/core/space/decimal_steps.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

namespace sweepd {
namespace {

constexpr Wide numerator_limit = Wide{1} << 125;  // so that differences fit
constexpr Wide exact_in_double = Wide{1} << 53;

bool is_below(Wide number, Wide limit) { return -limit < number && number < limit; }

/// Gives all the same exponent, of 0 or less; false where that would take too many digits.
bool align(std::span<Decimal> numbers) {
  int least = 0;
  for (const Decimal& number : numbers) least = std::min(least, number.exponent);
  for (Decimal& number : numbers) {
    const std::optional<Wide> digits = scaled(number.digits, 10, number.exponent - least);
    if (!digits || !is_below(*digits, numerator_limit)) return false;
    number = {*digits, least};
  }
  return true;
}

/// numerator / divisor * 2^shift, rounded once. Both are from 1 to 2^127.
double rounded_quotient(UnsignedWide numerator, UnsignedWide divisor, int shift) {
  // A double keeps 53 bits and one more decides; below these it counts only whether there is a rest.
  constexpr UnsignedWide enough = UnsignedWide{1} << 55;
  const int spare = numerator >> 64 != 0 ? std::countl_zero(static_cast<uint64_t>(numerator >> 64))
                                         : 64 + std::countl_zero(static_cast<uint64_t>(numerator));
  numerator <<= spare;
  shift -= spare;
  UnsignedWide quotient = numerator / divisor;
  UnsignedWide rest = numerator - quotient * divisor;
  for (; quotient < enough; --shift) {
    rest <<= 1;
    const bool is_one = rest >= divisor;
    quotient = quotient << 1 | is_one;
    if (is_one) rest -= divisor;
  }
  if (rest != 0) quotient |= 1;
  return std::ldexp(static_cast<double>(quotient), shift);
}

}  // namespace

DecimalSteps::DecimalSteps(Wide first, Wide step, Wide divisor, int shift, Wide count)
    : first_(first),
      step_(step),
      divisor_(divisor),
      shift_(shift),
      scale_(std::ldexp(1.0, shift)),
      count_(count) {}

std::optional<DecimalSteps> DecimalSteps::range(Decimal start, Decimal stop, Decimal step) {
  Decimal numbers[] = {start, stop, step};
  if (!align(numbers)) return std::nullopt;
  const Wide first = numbers[0].digits, stride = numbers[2].digits;
  const std::optional<Wide> divisor = scaled(1, 5, -numbers[0].exponent);
  if (!divisor) return std::nullopt;
  const Wide distance = numbers[1].digits - first;
  const bool is_empty = distance == 0 || (distance < 0) != (stride < 0);
  const Wide count = is_empty ? 0 : distance / stride + (distance % stride != 0);
  return DecimalSteps(first, stride, *divisor, numbers[0].exponent, count);
}

std::optional<DecimalSteps> DecimalSteps::linspace(Decimal start, Decimal stop, uint64_t num) {
  Decimal ends[] = {start, stop};
  if (!align(ends)) return std::nullopt;
  const uint64_t intervals = std::max(num, uint64_t{2}) - 1;
  const std::optional<Wide> divisor = scaled(Wide{intervals}, 5, -ends[0].exponent);
  Wide first = 0, last = 0;
  if (!divisor || __builtin_mul_overflow(ends[0].digits, Wide{intervals}, &first) ||
      __builtin_mul_overflow(ends[1].digits, Wide{intervals}, &last) || !is_below(first, numerator_limit) ||
      !is_below(last, numerator_limit))
    return std::nullopt;
  return DecimalSteps(first, ends[1].digits - ends[0].digits, *divisor, ends[0].exponent, Wide{num});
}

double DecimalSteps::at(uint64_t index) const {
  const Wide numerator = first_ + Wide{index} * step_;
  // The quotient of two doubles is rounded once, and a power of 2 changes no digit.
  if (is_below(numerator, exact_in_double) && divisor_ < exact_in_double)
    return static_cast<double>(static_cast<int64_t>(numerator)) /
           static_cast<double>(static_cast<int64_t>(divisor_)) * scale_;
  if (numerator == 0) return 0;
  const double size = rounded_quotient(static_cast<UnsignedWide>(numerator < 0 ? -numerator : numerator),
                                       static_cast<UnsignedWide>(divisor_), shift_);
  return numerator < 0 ? -size : size;
}

double DecimalSteps::step() const {
  return static_cast<double>(step_) / static_cast<double>(divisor_) * scale_;
}

void DecimalSteps::add_to(Digest& digest) const {
  for (const Wide number : {first_, step_, divisor_, count_})
    digest.add(static_cast<uint64_t>(number)).add(static_cast<uint64_t>(number >> 64));
  digest.add(static_cast<uint64_t>(static_cast<int64_t>(shift_)));
}

}  // namespace sweepd
