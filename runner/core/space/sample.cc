// Samples: points drawn from a box, each a pure function of the seed and its index.
#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_set>
#include <utility>

#include "runner/core/space/axis.h"
#include "runner/core/space/counted.h"
#include "runner/core/space/digest.h"
#include "runner/core/space/draw.h"
#include "runner/core/space/geometric.h"
#include "runner/core/space/repeats.h"
#include "runner/core/space/text_arena.h"
#include "runner/core/spaces.h"

namespace sweepd {
namespace {

__extension__ using Wide = unsigned __int128;

/// The first 53 bits of a fraction, as a double in [0, 1).
double unit(uint64_t fraction) { return static_cast<double>(fraction >> 11) * 0x1p-53; }

/// floor(fraction * n). Each value is drawn with a probability within n / 2^64 of its share.
uint64_t below(uint64_t n, uint64_t fraction) { return static_cast<uint64_t>((Wide{n} * fraction) >> 64); }

/// Rounding must not reach the upper end, which is not part of a half-open interval.
double within(double value, double low, double high) {
  return std::clamp(value, low, std::nextafter(high, low)) + 0.0;
}

Value draw(const Uniform& uniform, uint64_t fraction) {
  return Value::of(
      within(uniform.low + unit(fraction) * (uniform.high - uniform.low), uniform.low, uniform.high));
}

Value draw(const LogUniform& log, uint64_t fraction) {
  return Value::of(
      within(Geometric(log.low, log.high).at(fraction >> 11, uint64_t{1} << 53), log.low, log.high));
}

Value draw(const Integers& integers, uint64_t fraction) {
  const uint64_t several = static_cast<uint64_t>(integers.high) - static_cast<uint64_t>(integers.low) + 1;
  const uint64_t offset = several == 0 ? fraction : below(several, fraction);  // 0: all 2^64
  return Value::of(static_cast<int64_t>(static_cast<uint64_t>(integers.low) + offset));
}

Value draw(const Choice& choice, uint64_t fraction) {
  return choice.values[below(choice.values.size(), fraction)];
}

bool is_continuous(const Dimension& dimension) {
  return std::holds_alternative<Uniform>(dimension.distribution) ||
         std::holds_alternative<LogUniform>(dimension.distribution);
}

class Sample final : public Counted {
 public:
  Sample(SampleMethod method, uint64_t count, std::vector<Dimension> space, uint64_t seed)
      : method_(method), count_(count), dimensions_(std::move(space)), seed_(seed) {
    for (Dimension& dimension : dimensions_) {
      const uint64_t key = Digest("dimension").add(std::string_view(dimension.name)).add(seed).value();
      draws_.emplace_back(method, count, draws_.size(), key);
      if (auto* choice = std::get_if<Choice>(&dimension.distribution))
        for (Value& value : choice->values) value = text_.keep(value);
    }
    // Two draws of a continuous dimension are equal with a probability of 2^-53, so that any two of n are
    // with less than n^2 / 2^54: they count as distinct, which saves comparing them.
    if (std::none_of(dimensions_.begin(), dimensions_.end(), is_continuous))
      repeats_ = Repeats(hashes_of(*this));
  }

  uint64_t size() const override { return count_; }
  bool distinct() const override { return repeats_.empty(); }
  Rank rank(uint64_t index) const override { return repeats_.rank(index); }

  void append(uint64_t index, Point& point) const override {
    for (size_t i = 0; i < dimensions_.size(); ++i) point.push_back({dimensions_[i].name, value(i, index)});
  }

  std::vector<Column> columns() const override {
    std::vector<Column> columns;
    for (const Dimension& dimension : dimensions_) columns.push_back({dimension.name, true});
    return columns;
  }

  bool visit(std::string_view name, const Visit& visit) const override;
  uint64_t fingerprint() const override;

 private:
  Value value(size_t dimension, uint64_t index) const {
    const uint64_t fraction = draws_[dimension].fraction(index);
    return std::visit([&](const auto& from) { return draw(from, fraction); },
                      dimensions_[dimension].distribution);
  }

  TextArena text_;
  SampleMethod method_;
  uint64_t count_;
  std::vector<Dimension> dimensions_;
  uint64_t seed_;
  std::vector<Draw> draws_;
  Repeats repeats_;
};

// The bounds tell the extremes, and the first draws that there are fractions.
bool Sample::visit(std::string_view name, const Visit& visit) const {
  constexpr uint64_t shown = 8;
  for (size_t i = 0; i < dimensions_.size(); ++i) {
    const Dimension& dimension = dimensions_[i];
    if (dimension.name != name) continue;
    const auto show = [&](const Value& value) { return visit(value, dimension.where); };
    if (const auto* choice = std::get_if<Choice>(&dimension.distribution))
      return std::all_of(choice->values.begin(), choice->values.end(), show);
    if (const auto* integers = std::get_if<Integers>(&dimension.distribution))
      return show(Value::of(integers->low)) && show(Value::of(integers->high));
    const uint64_t last = ~uint64_t{0};
    const auto bound = [&](uint64_t fraction) {
      return std::visit([&](const auto& from) { return draw(from, fraction); }, dimension.distribution);
    };
    if (!show(bound(0)) || !show(bound(last))) return false;
    for (uint64_t index = 0; index < std::min(shown, count_); ++index)
      if (!show(value(i, index))) return false;
  }
  return true;
}

uint64_t Sample::fingerprint() const {
  Digest digest("sample");
  digest.add(static_cast<uint64_t>(method_)).add(count_).add(seed_);
  for (const Dimension& dimension : dimensions_) {
    digest.add(std::string_view(dimension.name)).add(uint64_t{dimension.distribution.index()});
    if (const auto* choice = std::get_if<Choice>(&dimension.distribution))
      for (const Value& value : choice->values) digest.add(value);
    else if (const auto* integers = std::get_if<Integers>(&dimension.distribution))
      digest.add(Value::of(integers->low)).add(Value::of(integers->high));
    else if (const auto* uniform = std::get_if<Uniform>(&dimension.distribution))
      digest.add(Value::of(uniform->low)).add(Value::of(uniform->high));
    else if (const auto* log = std::get_if<LogUniform>(&dimension.distribution))
      digest.add(Value::of(log->low)).add(Value::of(log->high));
  }
  return digest.value();
}

/// What is wrong with a distribution; null if nothing is.
const char* fault(const Uniform& uniform) {
  const bool good = std::isfinite(uniform.high - uniform.low) && uniform.low < uniform.high;
  return good ? nullptr : "needs two finite numbers, the smaller first";
}
const char* fault(const LogUniform& log) {
  const bool good = log.low > 0 && std::isfinite(log.high) && log.low < log.high;
  return good ? nullptr : "needs two numbers above 0, the smaller first";
}
const char* fault(const Integers& integers) {
  return integers.low <= integers.high ? nullptr : "needs two integers, the smaller first";
}
const char* fault(const Choice& choice) {
  return choice.values.empty() ? "needs at least one value" : nullptr;
}

Result<void> check_dimensions(const std::vector<Dimension>& space) {
  std::unordered_set<std::string_view> names;
  for (const Dimension& dimension : space) {
    if (Result<void> named = check_name(dimension.name, dimension.where); !named) return named;
    if (!names.insert(dimension.name).second)
      return failure("the parameter '" + dimension.name + "' is given twice; keep one of the two",
                     dimension.where);
    const char* what = std::visit([](const auto& from) { return fault(from); }, dimension.distribution);
    if (what != nullptr)
      return failure("the distribution of '" + dimension.name + "' " + what, dimension.where);
  }
  return {};
}

}  // namespace

Result<SpacePtr> make_sample(SampleMethod method, uint64_t count, std::vector<Dimension> space, uint64_t seed,
                             SourcePosition where) {
  constexpr size_t max_dimensions = 1000;
  if (space.empty()) return failure("the sample has no parameters; give it at least one", where);
  if (space.size() > max_dimensions)
    return failure("the sample has more than 1000 parameters; use fewer", where);
  if (count == 0) return failure("the sample has a count of 0; ask for at least one point", where);
  if (count > max_points) return failure("the sample has more than 2^53 points; ask for fewer", where);
  if (Result<void> good = check_dimensions(space); !good) return tl::unexpected(good.error());
  if (count > max_compared_points && std::none_of(space.begin(), space.end(), is_continuous))
    return failure(
        "a sample without a continuous parameter has at most 2^28 points; ask for fewer, or use a grid",
        where);
  return std::make_shared<Sample>(method, count, std::move(space), seed);
}

}  // namespace sweepd
