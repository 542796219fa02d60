// ParameterSpace: the points of a sweep, made when asked for. Grids and samples are arithmetic, never lists.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/point.h"

namespace sweepd {

/// A parameter name of a space.
struct Column {
  std::string_view name;
  bool everywhere;  ///< every point has it
};

/// How a point stands among the points equal to it.
struct Rank {
  uint64_t before = 0;  ///< equal points with a smaller index
  uint64_t total = 1;   ///< equal points in the whole space, this one included
};

/// Immutable once built, so it may be shared by forked processes and read by any thread.
class ParameterSpace {
 public:
  virtual ~ParameterSpace() = default;

  /// The number of points; at most max_points.
  virtual uint64_t size() const = 0;

  /// Appends the parameters of point `index` (< size()) to `point`. Allocates nothing but
  /// `point`'s own growth.
  virtual void append(uint64_t index, Point& point) const = 0;

  /// Where point `index` stands among its equals ("replicates").
  virtual Rank rank(uint64_t index) const = 0;

  /// How many points have exactly these parameters (in any order).
  virtual uint64_t count(const Point& point) const = 0;

  /// It is known that no two points are equal: rank() is {0, 1} for each, at no cost.
  virtual bool distinct() const { return false; }

  /// Every name that occurs, in order of first appearance.
  virtual std::vector<Column> columns() const = 0;

  /// Calls `visit` for values of `name` until it returns false, with the place each was written at: every
  /// listed value; for generated ones (range, linspace, sample) enough of them to judge all: the extremes,
  /// and whether there are fractions. Returns false if `visit` did.
  using Visit = std::function<bool(const Value&, const SourcePosition&)>;
  virtual bool visit(std::string_view name, const Visit& visit) const = 0;

  /// A 64-bit hash of all that determines the points; equal for equal descriptions.
  virtual uint64_t fingerprint() const = 0;

  Point at(uint64_t index) const {
    Point point;
    append(index, point);
    return point;
  }
};

using SpacePtr = std::shared_ptr<const ParameterSpace>;

/// More points than this are refused: indices stay exact in every JSON reader (2^53).
inline constexpr uint64_t max_points = uint64_t{1} << 53;

}  // namespace sweepd
