#include "runner/core/space/decimal_steps.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

namespace sweepd {
namespace {

// Differences of two numerators fit into 127 bits, and a quotient of 128 bits and a divisor has at least 56.
constexpr Wide numerator_limit = Wide{1} << 125;
constexpr Wide divisor_limit = Wide{1} << 72;
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

/// The divisor of a fraction in units of 10^exponent (<= 0) / parts, powers of 2 aside.
std::optional<Wide> divisor_of(uint64_t parts, int exponent) {
  const std::optional<Wide> divisor = scaled(static_cast<Wide>(parts), 5, -exponent);
  return divisor && is_below(*divisor, divisor_limit) ? divisor : std::nullopt;
}

/// numerator / divisor, rounded once; numerator > 0.
double rounded_quotient(UnsignedWide numerator, UnsignedWide divisor, int shift) {
  const int spare = numerator >> 64 != 0 ? std::countl_zero(static_cast<uint64_t>(numerator >> 64))
                                         : 64 + std::countl_zero(static_cast<uint64_t>(numerator));
  numerator <<= spare;
  UnsignedWide quotient = numerator / divisor;
  // Below the bits that a double keeps and the one that decides, it counts only whether there is a rest.
  if (quotient * divisor != numerator) quotient |= 1;
  return std::ldexp(static_cast<double>(quotient), shift - spare);
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
  const std::optional<Wide> divisor = divisor_of(1, numbers[0].exponent);
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
  const std::optional<Wide> divisor = divisor_of(intervals, ends[0].exponent);
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
