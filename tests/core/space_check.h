// Holds a space to what a plain list of its points says.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "runner/core/json.h"
#include "runner/core/spaces.h"

namespace sweepd::test {

inline Value integer(int64_t value) { return Value::of(value); }
inline Value real(double value) { return Value::of(value); }
inline Value text(std::string_view value) { return Value::of(value); }

/// Equal for equal points: the parameters by name.
inline std::string key_of(Point point) {
  std::sort(point.begin(), point.end(),
            [](const Parameter& a, const Parameter& b) { return a.name < b.name; });
  std::string key;
  append_json(key, point);
  return key;
}

inline std::string json_at(const SpacePtr& space, uint64_t index) {
  std::string json;
  append_json(json, space->at(index));
  return json;
}

inline std::vector<std::string> all_points(const SpacePtr& space) {
  std::vector<std::string> points;
  for (uint64_t i = 0; i < space->size(); ++i) points.push_back(json_at(space, i));
  return points;
}

inline std::vector<Value> values_of(const SpacePtr& axis) {
  std::vector<Value> values;
  for (uint64_t i = 0; i < axis->size(); ++i) values.push_back(axis->at(i).at(0).value);
  return values;
}

inline void check_ranks(const ParameterSpace& space) {
  std::map<std::string, uint64_t> totals, seen;
  for (uint64_t i = 0; i < space.size(); ++i) ++totals[key_of(space.at(i))];
  if (space.distinct()) REQUIRE(totals.size() == space.size());
  for (uint64_t i = 0; i < space.size(); ++i) {
    const Point point = space.at(i);
    const std::string key = key_of(point);
    const Rank rank = space.rank(i);
    REQUIRE(rank.before == seen[key]++);
    REQUIRE(rank.total == totals[key]);
    REQUIRE(space.count(point) == totals[key]);
    REQUIRE(space.count({point.rbegin(), point.rend()}) == totals[key]);
  }
}

inline void check_columns(const ParameterSpace& space) {
  std::map<std::string_view, uint64_t> points_with;
  for (uint64_t i = 0; i < space.size(); ++i)
    for (const Parameter& parameter : space.at(i)) ++points_with[parameter.name];
  const std::vector<Column> columns = space.columns();
  REQUIRE(columns.size() == points_with.size());
  for (const Column& column : columns)
    REQUIRE(column.everywhere == (points_with.at(column.name) == space.size()));
}

inline std::string message_of(const Result<SpacePtr>& made) { return made ? "(made)" : made.error().message; }
inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace sweepd::test
