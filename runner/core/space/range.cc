// Ranges: of integers as Python's range, of decimal numbers exactly, of other floats as NumPy's arange.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "runner/core/json.h"
#include "runner/core/space/axis.h"
#include "runner/core/space/decimal_axis.h"
#include "runner/core/space/digest.h"
#include "runner/core/spaces.h"

namespace sweepd {
namespace {

class IntegerRange final : public GeneratedAxis {
 public:
  IntegerRange(std::string name, uint64_t size, int64_t start, int64_t step, SourcePosition where)
      : GeneratedAxis(std::move(name), size, std::move(where)), start_(start), step_(step) {}

  // Unsigned arithmetic wraps, and what it wraps back to is within the range.
  Value value(uint64_t index) const override {
    return Value::of(
        static_cast<int64_t>(static_cast<uint64_t>(start_) + index * static_cast<uint64_t>(step_)));
  }
  bool distinct() const override { return true; }

  Stretch find_value(const Value& value) const override {
    if (value.type() != ValueType::integer) return {};
    const Wide distance = Wide{value.integer()} - start_;
    if (distance % step_ != 0) return {};
    const Wide index = distance / step_;
    if (index < 0 || index >= Wide{size()}) return {};
    return {static_cast<uint64_t>(index), static_cast<uint64_t>(index) + 1};
  }

  uint64_t fingerprint() const override {
    return Digest("integer range")
        .add(name())
        .add(size())
        .add(Value::of(start_))
        .add(Value::of(step_))
        .value();
  }

 private:
  int64_t start_, step_;
};

class RealRange final : public GeneratedAxis {
 public:
  RealRange(std::string name, uint64_t size, double start, double step, SourcePosition where)
      : GeneratedAxis(std::move(name), size, std::move(where)), start_(start), step_(step) {
    // Neighbours are rounded apart by less than three units in the last place of the largest.
    const double largest = std::fmax(std::fabs(start), std::fabs(real(size - 1)));
    distinct_ = std::fabs(step) > 4 * std::numeric_limits<double>::epsilon() * largest;
  }

  Value value(uint64_t index) const override { return Value::of(real(index)); }
  bool distinct() const override { return distinct_; }
  Stretch find_value(const Value& value) const override { return find_real(*this, value); }

  uint64_t fingerprint() const override {
    return Digest("real range").add(name()).add(size()).add(Value::of(start_)).add(Value::of(step_)).value();
  }

 private:
  // Adding 0 makes 0.0 of -0.0.
  double real(uint64_t index) const { return start_ + static_cast<double>(index) * step_ + 0.0; }

  double start_, step_;
  bool distinct_;
};

tl::unexpected<Error> bad_range(const std::string& name, const Value (&bounds)[3], const char* what,
                                const SourcePosition& where) {
  std::string text = "the range [";
  for (const Value& bound : bounds) {
    append_text(text, bound);
    text += &bound == &bounds[2] ? "] of '" : ", ";
  }
  return failure(text + name + "' " + what, where);
}

constexpr const char* no_values = "has no values; is the sign of its step right?";
constexpr const char* too_many = "has more than 2^53 values; use a larger step";

/// The integers or decimal numbers of a range that is known exactly.
Result<SpacePtr> exact_range(std::string name, const DecimalSteps& steps, const Value (&bounds)[3],
                             SourcePosition where) {
  const Wide size = steps.count();
  if (size == 0) return bad_range(name, bounds, no_values, where);
  if (size > Wide{max_points}) return bad_range(name, bounds, too_many, where);
  const auto is_integer = [](const Value& bound) { return bound.type() == ValueType::integer; };
  if (!std::all_of(std::begin(bounds), std::end(bounds), is_integer))
    return std::make_shared<DecimalAxis>(std::move(name), steps, std::move(where));
  return std::make_shared<IntegerRange>(std::move(name), static_cast<uint64_t>(size), bounds[0].integer(),
                                        bounds[2].integer(), std::move(where));
}

}  // namespace

Result<SpacePtr> make_range(std::string name, AxisBound start, AxisBound stop, AxisBound step,
                            SourcePosition where) {
  if (Result<void> named = check_name(name, where); !named) return tl::unexpected(named.error());
  const Value bounds[3] = {start.value, stop.value, step.value};
  const auto is_finite = [](const Value& bound) {
    return bound.is_number() && std::isfinite(bound.number());
  };
  if (!std::all_of(std::begin(bounds), std::end(bounds), is_finite))
    return bad_range(name, bounds, "is not made of finite numbers; write [start, stop, step]", where);
  const double first = start.value.number(), stride = step.value.number();
  if (stride == 0) return bad_range(name, bounds, "has the step 0; use a list for equal values", where);
  if (start.exact && stop.exact && step.exact)
    if (const auto steps = DecimalSteps::range(*start.exact, *stop.exact, *step.exact))
      return exact_range(std::move(name), *steps, bounds, std::move(where));
  const double size = std::ceil((stop.value.number() - first) / stride);
  if (!(size > 0)) return bad_range(name, bounds, no_values, where);
  if (size > static_cast<double>(max_points)) return bad_range(name, bounds, too_many, where);
  return std::make_shared<RealRange>(std::move(name), static_cast<uint64_t>(size), first, stride,
                                     std::move(where));
}

}  // namespace sweepd
