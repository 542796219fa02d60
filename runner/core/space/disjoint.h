// Whether two spaces can have a point in common, judged from their columns alone.
#pragma once

#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "runner/core/space.h"

namespace sweepd {

/// What the values of a column lie within. Numbers of either type are generated between the extremes that
/// visit() shows; all else is listed, and visited one by one.
struct Extent {
  double low[2], high[2];  ///< of integers, and of reals; low > high where there are none
  bool null = false;
  bool truth[2] = {false, false};
  std::unordered_set<std::string_view> strings;
  bool is_known = true;  ///< false: anything may be in it
  bool everywhere = false;

  Extent();
  void add(const Value& value);
};

/// The extents of a space's columns. Its views live as long as the space.
class Outline {
 public:
  explicit Outline(const ParameterSpace& space);

  /// True where it is certain that no point is of both spaces: a column that all points of one have and no
  /// point of the other, or a column of both without a value in common. False where it is not known.
  friend bool surely_disjoint(const Outline& a, const Outline& b);

 private:
  bool separates(const Outline& other) const;

  std::unordered_map<std::string_view, Extent> extents_;
};

}  // namespace sweepd
