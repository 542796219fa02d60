// What product and zip share: parts whose names differ stand side by side in each point.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/space.h"

namespace sweepd {

class Combination : public ParameterSpace {
 public:
  explicit Combination(std::vector<SpacePtr> parts);

  std::vector<Column> columns() const final;
  bool visit(std::string_view name, const Visit& visit) const final;

 protected:
  const std::vector<SpacePtr>& parts() const { return parts_; }
  /// Each part's share of the point; none where a name is of no part.
  std::optional<std::vector<Point>> split_by_part(const Point& point) const;
  uint64_t fingerprint_as(std::string_view kind) const;

 private:
  std::vector<SpacePtr> parts_;
  std::vector<std::pair<std::string_view, size_t>> part_of_name_;  ///< by name
};

/// Fails on a name that two parts have.
Result<void> check_disjoint_names(const std::vector<SpacePtr>& parts, const SourcePosition& where);

}  // namespace sweepd
