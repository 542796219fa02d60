// One parameter set of a sweep.
#pragma once

#include <string_view>
#include <vector>

#include "runner/core/value.h"

namespace sweepd {

/// A name and its value. The name's bytes live as long as the ParameterSpace they came from.
struct Parameter {
  std::string_view name;
  Value value;
};

/// In the order of the sweep file; names are unique.
using Point = std::vector<Parameter>;

/// The value of `name`, or null where the point has no such parameter.
inline const Value* find(const Point& point, std::string_view name) {
  for (const Parameter& parameter : point)
    if (parameter.name == name) return &parameter.value;
  return nullptr;
}

}  // namespace sweepd
