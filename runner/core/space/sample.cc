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
#include "runner/core/wide.h"

namespace sweepd {
namespace {

/// The first 53 bits of a fraction, as a double in [0, 1).
double unit(uint64_t fraction) { return static_cast<double>(fraction >> 11) * 0x1p-53; }

/// floor(fraction * n). Each value is drawn with a probability within n / 2^64 of its share.
uint64_t below(uint64_t n, uint64_t fraction) {
  return static_cast<uint64_t>((UnsignedWide{n} * fraction) >> 64);
}

/// Rounding must not reach the upper end, which is not part of a half-open interval.
double within(double value, double low, double high) {
  return std::clamp(value, low, std::nextafter(high, low)) + 0.0;
}

/// A distribution ready to be drawn from.
struct Span {
  Uniform bounds;
  Value at(uint64_t fraction) const {
    return Value::of(
        within(bounds.low + unit(fraction) * (bounds.high - bounds.low), bounds.low, bounds.high));
  }
};

struct LogSpan {
  explicit LogSpan(const LogUniform& given) : bounds(given), scale(given.low, given.high) {}
  Value at(uint64_t fraction) const {
    return Value::of(within(scale.at(fraction >> 11, uint64_t{1} << 53), bounds.low, bounds.high));
  }
  LogUniform bounds;
  Geometric scale;
};

struct IntegerSpan {
  Integers bounds;
  Value at(uint64_t fraction) const {
    const auto low = static_cast<uint64_t>(bounds.low);
    const uint64_t several = static_cast<uint64_t>(bounds.high) - low + 1;
    const uint64_t offset = several == 0 ? fraction : below(several, fraction);  // 0: all 2^64
    return Value::of(static_cast<int64_t>(low + offset));
  }
};

struct Choices {
  std::vector<Value> values;
  Value at(uint64_t fraction) const { return values[below(values.size(), fraction)]; }
};

using Source = std::variant<Span, LogSpan, IntegerSpan, Choices>;

Source source_of(const Dimension& dimension, TextArena& text) {
  if (const auto* uniform = std::get_if<Uniform>(&dimension.distribution)) return Span{*uniform};
  if (const auto* log = std::get_if<LogUniform>(&dimension.distribution)) return LogSpan(*log);
  if (const auto* integers = std::get_if<Integers>(&dimension.distribution)) return IntegerSpan{*integers};
  Choices choices;
  for (const Value& value : std::get<Choice>(dimension.distribution).values)
    choices.values.push_back(text.keep(value));
  return choices;
}

struct SampledColumn {
  std::string name;
  SourcePosition where;
  Source source;
  Draw draw;

  Value value(uint64_t index) const { return at(draw.fraction(index)); }
  Value at(uint64_t fraction) const {
    return std::visit([&](const auto& from) { return from.at(fraction); }, source);
  }
  bool is_continuous() const {
    return std::holds_alternative<Span>(source) || std::holds_alternative<LogSpan>(source);
  }
  /// The extremes, or all choices; for fractions some draws.
  std::vector<Value> telling_values(uint64_t count) const;
};

bool is_continuous(const Dimension& dimension) {
  return std::holds_alternative<Uniform>(dimension.distribution) ||
         std::holds_alternative<LogUniform>(dimension.distribution);
}

class Sample final : public Counted {
 public:
  Sample(SampleMethod method, uint64_t count, const std::vector<Dimension>& space, uint64_t seed)
      : method_(method), count_(count), seed_(seed) {
    for (const Dimension& dimension : space) {
      const uint64_t key = Digest("dimension").add(std::string_view(dimension.name)).add(seed).value();
      columns_.push_back({dimension.name, dimension.where, source_of(dimension, text_),
                          Draw(method, count, columns_.size(), key)});
    }
    // Two draws of a continuous dimension are equal with a probability of about 2^-53, so that any two of n
    // are with less than n^2 / 2^54: they count as distinct, which saves comparing them.
    if (std::none_of(space.begin(), space.end(), is_continuous)) repeats_ = Repeats(hashes_of(*this));
  }

  uint64_t size() const override { return count_; }
  bool distinct() const override { return repeats_.empty(); }
  Rank rank(uint64_t index) const override { return repeats_.rank(index); }

  void append(uint64_t index, Point& point) const override {
    for (const SampledColumn& column : columns_) point.push_back({column.name, column.value(index)});
  }

  std::vector<Column> columns() const override {
    std::vector<Column> columns;
    for (const SampledColumn& column : columns_) columns.push_back({column.name, true});
    return columns;
  }

  bool visit(std::string_view name, const Visit& visit) const override {
    for (const SampledColumn& column : columns_) {
      if (column.name != name) continue;
      for (const Value& value : column.telling_values(count_))
        if (!visit(value, column.where)) return false;
    }
    return true;
  }

  // The extremes stand for the bounds.
  uint64_t fingerprint() const override {
    Digest digest("sample");
    digest.add(static_cast<uint64_t>(method_)).add(count_).add(seed_);
    for (const SampledColumn& column : columns_) {
      digest.add(std::string_view(column.name)).add(uint64_t{column.source.index()});
      for (const Value& value : column.telling_values(0)) digest.add(value);
    }
    return digest.value();
  }

 private:
  TextArena text_;
  SampleMethod method_;
  uint64_t count_;
  uint64_t seed_;
  std::vector<SampledColumn> columns_;
  Repeats repeats_;
};

std::vector<Value> SampledColumn::telling_values(uint64_t count) const {
  constexpr uint64_t shown = 8;
  if (const auto* choices = std::get_if<Choices>(&source)) return choices->values;
  std::vector<Value> values = {at(0), at(~uint64_t{0})};
  for (uint64_t index = 0; is_continuous() && index < std::min(shown, count); ++index)
    values.push_back(value(index));
  return values;
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
  return std::make_shared<Sample>(method, count, space, seed);
}

}  // namespace sweepd
