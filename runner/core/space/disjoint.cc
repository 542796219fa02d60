#include "runner/core/space/disjoint.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace sweepd {
namespace {

bool overlap(const Extent& a, const Extent& b) {
  if (!a.is_known || !b.is_known) return true;
  for (size_t type = 0; type < 2; ++type) {
    if (std::max(a.low[type], b.low[type]) <= std::min(a.high[type], b.high[type])) return true;
    if (a.truth[type] && b.truth[type]) return true;
  }
  const auto is_shared = [&](std::string_view text) { return b.strings.count(text) != 0; };
  return (a.null && b.null) || std::any_of(a.strings.begin(), a.strings.end(), is_shared);
}

}  // namespace

Extent::Extent() {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::fill(std::begin(low), std::end(low), infinity);
  std::fill(std::begin(high), std::end(high), -infinity);
}

void Extent::add(const Value& value) {
  switch (value.type()) {
    case ValueType::null:
      null = true;
      return;
    case ValueType::boolean:
      truth[value.boolean()] = true;
      return;
    case ValueType::string:
    case ValueType::json:
      strings.insert(value.string());
      return;
    case ValueType::integer:
    case ValueType::real:
      break;
  }
  const double number = value.number();
  const size_t type = value.type() == ValueType::real;
  is_known = is_known && number == number;
  low[type] = std::min(low[type], number);
  high[type] = std::max(high[type], number);
}

// Reads no more than some thousands of values of a column: to know more costs more than it saves.
Outline::Outline(const ParameterSpace& space) {
  constexpr size_t enough = 4096;
  for (const Column& column : space.columns()) {
    Extent& extent = extents_[column.name];
    size_t seen = 0;
    extent.everywhere = column.everywhere;
    extent.is_known = space.visit(column.name, [&](const Value& value, const SourcePosition&) {
      extent.add(value);
      return extent.is_known && ++seen <= enough;
    });
  }
}

bool Outline::separates(const Outline& other) const {
  return std::any_of(extents_.begin(), extents_.end(), [&](const auto& entry) {
    const auto& [name, extent] = entry;
    if (!extent.everywhere) return false;
    const auto same = other.extents_.find(name);
    if (same == other.extents_.end()) return true;
    return same->second.everywhere && !overlap(extent, same->second);
  });
}

bool surely_disjoint(const Outline& a, const Outline& b) { return a.separates(b) || b.separates(a); }

}  // namespace sweepd
