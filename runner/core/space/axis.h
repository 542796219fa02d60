// Axis: a space of one column.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "runner/core/error.h"
#include "runner/core/space.h"

namespace sweepd {

/// Fails on an empty or overlong name.
Result<void> check_name(std::string_view name, const SourcePosition& where);

class Axis : public ParameterSpace {
 public:
  Axis(std::string name, uint64_t size) : name_(std::move(name)), size_(size) {}

  uint64_t size() const final { return size_; }
  std::vector<Column> columns() const final { return {{name_, true}}; }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  uint64_t size_;
};

/// The indices [first, last) at which a value stands.
struct Stretch {
  uint64_t first = 0, last = 0;
};

/// Values computed from their index, never falling or never rising, so that equal ones are neighbours.
class GeneratedAxis : public Axis {
 public:
  GeneratedAxis(std::string name, uint64_t size, SourcePosition where)
      : Axis(std::move(name), size), where_(std::move(where)) {}

  virtual Value value(uint64_t index) const = 0;
  virtual Stretch find_value(const Value& value) const = 0;

  void append(uint64_t index, Point& point) const final { point.push_back({name(), value(index)}); }
  Rank rank(uint64_t index) const final;
  uint64_t count(const Point& point) const final;
  bool visit(std::string_view column, const Visit& visit) const final;

 private:
  SourcePosition where_;
};

/// The stretch of `wanted` among real values, none of which is -0.0; by binary search.
Stretch find_real(const GeneratedAxis& axis, const Value& wanted);

}  // namespace sweepd
