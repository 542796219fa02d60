// Axes: one parameter's values as they are written in `grid` and `zip`.
#pragma once

#include "configs/document.h"
#include "configs/parameters_section.h"
#include "runner/core/space.h"

namespace sweepd {

/// `key: values`, where values are a list, a single value, or {range|linspace|geomspace: [...]}; null, with
/// complaints, where they are none of these.
SpacePtr read_axis(const Node& key, const Node& values, const ParameterContext& context);

}  // namespace sweepd
