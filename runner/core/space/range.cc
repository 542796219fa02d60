// Ranges: of integers as Python's range, of floats as NumPy's arange.
#include <cmath>
#include <limits>
#include <utility>

#include "runner/core/json.h"
#include "runner/core/space/axis.h"
#include "runner/core/space/digest.h"
#include "runner/core/spaces.h"

namespace sweepd {
namespace {

// Differences of 64-bit integers take 65 bits.
__extension__ using Wide = __int128;

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

/// Steps from start to stop, rounded up; not above 0 where the range is empty.
Wide steps(int64_t start, int64_t stop, int64_t step) {
  const Wide distance = step > 0 ? Wide{stop} - start : Wide{start} - stop;
  const Wide stride = step > 0 ? Wide{step} : -Wide{step};
  return distance <= 0 ? 0 : (distance + stride - 1) / stride;
}

}  // namespace

Result<SpacePtr> make_range(std::string name, Value start, Value stop, Value step, SourcePosition where) {
  if (Result<void> named = check_name(name, where); !named) return tl::unexpected(named.error());
  const Value bounds[3] = {start, stop, step};
  bool all_integers = true;
  for (const Value& bound : bounds) {
    if (!bound.is_number() || !std::isfinite(bound.number()))
      return bad_range(name, bounds, "is not made of finite numbers; write [start, stop, step]", where);
    all_integers = all_integers && bound.type() == ValueType::integer;
  }
  if (step.number() == 0)
    return bad_range(name, bounds, "has the step 0; use a list for equal values", where);
  if (all_integers) {
    const Wide size = steps(start.integer(), stop.integer(), step.integer());
    if (size == 0) return bad_range(name, bounds, no_values, where);
    if (size > Wide{max_points}) return bad_range(name, bounds, too_many, where);
    return std::make_shared<IntegerRange>(std::move(name), static_cast<uint64_t>(size), start.integer(),
                                          step.integer(), std::move(where));
  }
  const double size = std::ceil((stop.number() - start.number()) / step.number());
  if (!(size > 0)) return bad_range(name, bounds, no_values, where);
  if (size > static_cast<double>(max_points)) return bad_range(name, bounds, too_many, where);
  return std::make_shared<RealRange>(std::move(name), static_cast<uint64_t>(size), start.number(),
                                     step.number(), std::move(where));
}

}  // namespace sweepd
