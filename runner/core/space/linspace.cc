// Evenly spaced numbers, on a linear or a logarithmic scale, as numpy.linspace and numpy.geomspace count
// them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "runner/core/json.h"
#include "runner/core/space/axis.h"
#include "runner/core/space/decimal_axis.h"
#include "runner/core/space/digest.h"
#include "runner/core/space/geometric.h"
#include "runner/core/spaces.h"

namespace sweepd {
namespace {

/// What both have in common: the ends are exact, and equal values are found by bisection.
class Spaced : public GeneratedAxis {
 public:
  Spaced(std::string name, double start, double stop, uint64_t num, SourcePosition where)
      : GeneratedAxis(std::move(name), num, std::move(where)), start_(start + 0.0), stop_(stop + 0.0) {}

  // Adding 0 makes 0.0 of -0.0.
  Value value(uint64_t index) const final {
    if (index == 0) return Value::of(start_);
    if (index + 1 == size()) return Value::of(stop_);
    return Value::of(std::clamp(inner(index), std::min(start_, stop_), std::max(start_, stop_)) + 0.0);
  }
  bool distinct() const final { return size() == 1 || distinct_; }
  Stretch find_value(const Value& value) const final { return find_real(*this, value); }

 protected:
  /// Neither the first nor the last value.
  virtual double inner(uint64_t index) const = 0;
  uint64_t fingerprint_as(std::string_view kind) const {
    return Digest(kind).add(name()).add(size()).add(Value::of(start_)).add(Value::of(stop_)).value();
  }

  double start_, stop_;
  bool distinct_ = false;
};

/// numpy.linspace: start + i * step with step = (stop - start) / (num - 1).
class Linspace final : public Spaced {
 public:
  Linspace(std::string name, double start, double stop, uint64_t num, SourcePosition where)
      : Spaced(std::move(name), start, stop, num, std::move(where)),
        intervals_(static_cast<double>(num - 1)),
        step_((stop - start) / intervals_) {
    const double largest = std::max(std::fabs(start), std::fabs(stop));
    distinct_ = std::fabs(step_) > 4 * std::numeric_limits<double>::epsilon() * largest;
  }
  uint64_t fingerprint() const override { return fingerprint_as("linspace"); }

 private:
  double inner(uint64_t index) const override {
    const auto i = static_cast<double>(index);
    if (step_ == 0) return start_ + i / intervals_ * (stop_ - start_);  // the step has underflowed
    return start_ + i * step_;
  }

  double intervals_, step_;
};

/// numpy.geomspace: start * (stop / start)^(i / (num - 1)).
class Geomspace final : public Spaced {
 public:
  Geomspace(std::string name, double start, double stop, uint64_t num, SourcePosition where)
      : Spaced(std::move(name), start, stop, num, std::move(where)), scale_(start, stop) {
    distinct_ = std::fabs(scale_.log2_ratio()) / static_cast<double>(num) >
                8 * std::numeric_limits<double>::epsilon();
  }
  uint64_t fingerprint() const override { return fingerprint_as("geomspace"); }

 private:
  double inner(uint64_t index) const override { return scale_.at(index, size() - 1); }

  Geometric scale_;
};

std::string described(const char* kind, const std::string& name, double start, double stop, uint64_t num) {
  std::string text = std::string("the ") + kind + " [";
  append_text(text, Value::of(start));
  append_text(text += ", ", Value::of(stop));
  return text + ", " + std::to_string(num) + "] of '" + name + "' ";
}

/// Why no space can be made of these; none if it can.
Result<void> check(const char* kind, const std::string& name, double start, double stop, uint64_t num,
                   const SourcePosition& where) {
  if (Result<void> named = check_name(name, where); !named) return named;
  const auto refuse = [&](const char* what) {
    return failure(described(kind, name, start, stop, num) + what, where);
  };
  if (!std::isfinite(start) || !std::isfinite(stop) || !std::isfinite(stop - start))
    return refuse("is not between finite numbers; give finite ones");
  if (num == 0) return refuse("has no values; ask for at least one");
  if (num > max_points) return refuse("has more than 2^53 values; ask for fewer");
  return {};
}

}  // namespace

Result<SpacePtr> make_linspace(std::string name, AxisBound start, AxisBound stop, uint64_t num,
                               SourcePosition where) {
  const double first = start.value.number(), last = stop.value.number();
  if (Result<void> good = check("linspace", name, first, last, num, where); !good)
    return tl::unexpected(good.error());
  if (start.exact && stop.exact)
    if (const auto steps = DecimalSteps::linspace(*start.exact, *stop.exact, num))
      return std::make_shared<DecimalAxis>(std::move(name), *steps, std::move(where));
  return std::make_shared<Linspace>(std::move(name), first, last, num, std::move(where));
}

Result<SpacePtr> make_geomspace(std::string name, AxisBound start, AxisBound stop, uint64_t num,
                                SourcePosition where) {
  const double first = start.value.number(), last = stop.value.number();
  if (Result<void> good = check("geomspace", name, first, last, num, where); !good)
    return tl::unexpected(good.error());
  if (first == 0 || last == 0 || (first < 0) != (last < 0))
    return failure(described("geomspace", name, first, last, num) +
                       "passes through 0; give two numbers of the same sign, neither of them 0",
                   where);
  return std::make_shared<Geomspace>(std::move(name), first, last, num, std::move(where));
}

}  // namespace sweepd
