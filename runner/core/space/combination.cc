#include "runner/core/space/combination.h"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "runner/core/space/digest.h"

namespace sweepd {

Combination::Combination(std::vector<SpacePtr> parts) : parts_(std::move(parts)) {
  for (size_t i = 0; i < parts_.size(); ++i)
    for (const Column& column : parts_[i]->columns()) part_of_name_.emplace_back(column.name, i);
  std::sort(part_of_name_.begin(), part_of_name_.end());
}

std::vector<Column> Combination::columns() const {
  std::vector<Column> columns;
  for (const SpacePtr& part : parts_) {
    const std::vector<Column> more = part->columns();
    columns.insert(columns.end(), more.begin(), more.end());
  }
  return columns;
}

bool Combination::visit(std::string_view name, const Visit& visit) const {
  return std::all_of(parts_.begin(), parts_.end(),
                     [&](const SpacePtr& part) { return part->visit(name, visit); });
}

std::optional<std::vector<Point>> Combination::split_by_part(const Point& point) const {
  std::vector<Point> split(parts_.size());
  for (const Parameter& parameter : point) {
    const auto at =
        std::lower_bound(part_of_name_.begin(), part_of_name_.end(), parameter.name,
                         [](const auto& entry, std::string_view name) { return entry.first < name; });
    if (at == part_of_name_.end() || at->first != parameter.name) return std::nullopt;
    split[at->second].push_back(parameter);
  }
  return split;
}

uint64_t Combination::fingerprint_as(std::string_view kind) const {
  Digest digest(kind);
  for (const SpacePtr& part : parts_) digest.add(part->fingerprint());
  return digest.value();
}

Result<void> check_disjoint_names(const std::vector<SpacePtr>& parts, const SourcePosition& where) {
  std::unordered_set<std::string_view> names;
  for (const SpacePtr& part : parts)
    for (const Column& column : part->columns())
      if (!names.insert(column.name).second)
        return failure("the parameter '" + std::string(column.name) + "' is given twice; keep one of the two",
                       where);
  return {};
}

}  // namespace sweepd
