// The kinds of parameter spaces and how they are made. A grid is the product of its axes; `repeat: R` is the
// product with the axis `replicate`. Each maker fails, with the position given, where the result would not be
// a space (nothing in it, more than max_points points, a name twice, unequal lengths).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "runner/core/decimal.h"
#include "runner/core/error.h"
#include "runner/core/space.h"

namespace sweepd {

// ---- axes: spaces of one column -------------------------------------------------------------------------

/// Listed values with the place of each (same length). Texts and spellings are copied.
Result<SpacePtr> make_list(std::string name, const std::vector<Value>& values,
                           std::vector<SourcePosition> places);

/// A bound of a range or linspace: its value and what it says exactly, where that is known.
struct AxisBound {
  AxisBound(double number) : value(Value::of(number)) {}
  AxisBound(Value number) : value(number) {
    if (number.type() == ValueType::integer) exact = Decimal::of(number.integer());
  }
  /// `text`: the literal that has this value.
  AxisBound(Value number, std::string_view text) : AxisBound(number) {
    if (const std::optional<Decimal> decimal = parse_decimal(text)) exact = decimal;
  }

  Value value;
  std::optional<Decimal> exact;
};

/// Python's range: start, start + step, ... before stop. Integers if all three are, else floats: their number
/// and each of them computed in decimal where all three are known exactly and DecimalSteps can hold them;
/// else value i is start + i * step in floating-point arithmetic, for i < ceil((stop - start) / step), as
/// NumPy's arange.
Result<SpacePtr> make_range(std::string name, AxisBound start, AxisBound stop, AxisBound step,
                            SourcePosition where);

/// numpy.linspace and numpy.geomspace with endpoint: `num` values, the last exactly `stop` (the only one is
/// `start`). Those of linspace are computed in decimal where that is possible, as for a range. The inner
/// values of geomspace are rounded more exactly than NumPy's, and alike on every machine.
Result<SpacePtr> make_linspace(std::string name, AxisBound start, AxisBound stop, uint64_t num,
                               SourcePosition where);
Result<SpacePtr> make_geomspace(std::string name, AxisBound start, AxisBound stop, uint64_t num,
                                SourcePosition where);

// ---- combinations ---------------------------------------------------------------------------------------

/// Every combination, the last part fastest.
Result<SpacePtr> make_product(std::vector<SpacePtr> parts, SourcePosition where);
/// In step; unequal sizes are an error that names the columns and their lengths.
Result<SpacePtr> make_zip(std::vector<SpacePtr> parts, SourcePosition where);
/// One after the other.
Result<SpacePtr> make_concat(std::vector<SpacePtr> parts, SourcePosition where);

// ---- samples --------------------------------------------------------------------------------------------

enum class SampleMethod { random, lhs, halton };
constexpr std::string_view name_of(SampleMethod method) {
  switch (method) {
    case SampleMethod::random:
      return "random";
    case SampleMethod::lhs:
      return "lhs";
    case SampleMethod::halton:
      return "halton";
  }
  return {};
}

struct Uniform {
  double low, high;
};  ///< [low, high)
struct LogUniform {
  double low, high;
};  ///< [low, high), both above 0
struct Integers {
  int64_t low, high;
};  ///< low to high, both included
struct Choice {
  std::vector<Value> values;
};
struct Dimension {
  std::string name;
  std::variant<Uniform, LogUniform, Integers, Choice> distribution;
  SourcePosition where;
};

/// `count` draws from the box spanned by `space`, each a pure function of (seed, index): nothing is
/// stored. Without a continuous dimension there may be equal draws: these are counted, and no more than
/// 2^28 are allowed.
Result<SpacePtr> make_sample(SampleMethod method, uint64_t count, std::vector<Dimension> space, uint64_t seed,
                             SourcePosition where);

/// What becomes of values' spellings: kernels do not see them, so for these two spellings of a value are one.
enum class Spellings { kept, dropped };

// ---- tables ---------------------------------------------------------------------------------------------

/// Collects rows (points) that need not have the same names, in 16 bytes a cell plus the bytes
/// of their strings.
class TableBuilder {
 public:
  explicit TableBuilder(std::string file);
  ~TableBuilder();
  TableBuilder(TableBuilder&&) noexcept;
  TableBuilder& operator=(TableBuilder&&) noexcept;

  /// `line`: where the row stands in the file.
  void begin_row(uint32_t line);
  /// Copies the bytes of name, text and spelling. A name that the row has already fails.
  Result<void> add(std::string_view name, const Written& written);
  uint64_t rows() const;

  /// The space of all rows; the builder is empty afterwards. Fails on no rows and on more than 2^28.
  Result<SpacePtr> finish(SourcePosition where, Spellings spellings = Spellings::kept);

 private:
  struct Rows;
  std::unique_ptr<Rows> rows_;
};

}  // namespace sweepd
