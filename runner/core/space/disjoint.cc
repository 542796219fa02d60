#include "runner/core/space/disjoint.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <unordered_set>

namespace sweepd {
namespace {

/// What the values of a column lie within. Numbers of either type are generated between the extremes that
/// visit() shows; all else is listed, and visited one by one.
struct Extent {
  double low[2] = {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  double high[2] = {-std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  bool null = false, truth[2] = {false, false}, is_known = true;
  std::unordered_set<std::string_view> strings;

  void add(const Value& value) {
    switch (value.type()) {
      case ValueType::null:
        null = true;
        return;
      case ValueType::boolean:
        truth[value.boolean()] = true;
        return;
      case ValueType::string:
        strings.insert(value.string());
        return;
      case ValueType::integer:
      case ValueType::real:
        break;
    }
    const double number = value.number();
    const bool real = value.type() == ValueType::real;
    is_known = is_known && number == number;
    low[real] = std::min(low[real], number);
    high[real] = std::max(high[real], number);
  }
};

bool overlap(const Extent& a, const Extent& b) {
  if (!a.is_known || !b.is_known) return true;
  for (size_t type = 0; type < 2; ++type) {
    if (std::max(a.low[type], b.low[type]) <= std::min(a.high[type], b.high[type])) return true;
    if (a.truth[type] && b.truth[type]) return true;
  }
  const auto is_shared = [&](std::string_view text) { return b.strings.count(text) != 0; };
  return (a.null && b.null) || std::any_of(a.strings.begin(), a.strings.end(), is_shared);
}

/// Reads no more than some thousands of values: to know more costs more than it saves.
Extent extent_of(const ParameterSpace& space, std::string_view name) {
  constexpr size_t enough = 4096;
  Extent extent;
  size_t seen = 0;
  extent.is_known = space.visit(name, [&](const Value& value, const SourcePosition&) {
    extent.add(value);
    return extent.is_known && ++seen <= enough;
  });
  return extent;
}

}  // namespace

bool surely_disjoint(const ParameterSpace& a, const ParameterSpace& b) {
  const std::vector<Column> columns_a = a.columns(), columns_b = b.columns();
  const auto find_column = [](const std::vector<Column>& columns, std::string_view name) {
    return std::find_if(columns.begin(), columns.end(),
                        [&](const Column& column) { return column.name == name; });
  };
  const auto has_its_own = [&](const std::vector<Column>& columns, const std::vector<Column>& others) {
    return std::any_of(columns.begin(), columns.end(), [&](const Column& column) {
      return column.everywhere && find_column(others, column.name) == others.end();
    });
  };
  if (has_its_own(columns_a, columns_b) || has_its_own(columns_b, columns_a)) return true;
  return std::any_of(columns_a.begin(), columns_a.end(), [&](const Column& column) {
    const auto other = find_column(columns_b, column.name);
    return column.everywhere && other != columns_b.end() && other->everywhere &&
           !overlap(extent_of(a, column.name), extent_of(b, column.name));
  });
}

}  // namespace sweepd
