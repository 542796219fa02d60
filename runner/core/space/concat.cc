// Several spaces, one after the other. Parts that may have points in common are asked for
// each other's counts.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "runner/core/space/digest.h"
#include "runner/core/space/disjoint.h"
#include "runner/core/spaces.h"

namespace sweepd {
namespace {

class Concat final : public ParameterSpace {
 public:
  explicit Concat(std::vector<SpacePtr> parts) : parts_(std::move(parts)), overlapping_(parts_.size()) {
    uint64_t end = 0;
    for (const SpacePtr& part : parts_) ends_.push_back(end += part->size());
    find_overlaps();
    prepare_counts();
  }

  uint64_t size() const override { return ends_.back(); }
  bool distinct() const override { return distinct_; }

  void append(uint64_t index, Point& point) const override {
    const size_t part = part_of(index);
    parts_[part]->append(index, point);
  }

  Rank rank(uint64_t index) const override {
    if (distinct_) return {};
    const size_t part = part_of(index);
    Rank rank = parts_[part]->rank(index);
    if (overlapping_[part].empty()) return rank;
    const Point point = parts_[part]->at(index);
    for (const size_t other : overlapping_[part]) {
      const uint64_t count = parts_[other]->count(point);
      rank.total += count;
      if (other < part) rank.before += count;
    }
    return rank;
  }

  uint64_t count(const Point& point) const override {
    uint64_t count = 0;
    for (const SpacePtr& part : parts_) count += part->count(point);
    return count;
  }

  std::vector<Column> columns() const override;

  bool visit(std::string_view name, const Visit& visit) const override {
    return std::all_of(parts_.begin(), parts_.end(),
                       [&](const SpacePtr& part) { return part->visit(name, visit); });
  }

  uint64_t fingerprint() const override {
    Digest digest("concat");
    for (const SpacePtr& part : parts_) digest.add(part->fingerprint());
    return digest.value();
  }

 private:
  /// The part that `index` falls into; `index` becomes the one within it.
  size_t part_of(uint64_t& index) const {
    const auto end = std::upper_bound(ends_.begin(), ends_.end(), index);
    if (end != ends_.begin()) index -= end[-1];
    return static_cast<size_t>(end - ends_.begin());
  }

  void find_overlaps() {
    std::vector<Outline> outlines;
    for (const SpacePtr& part : parts_) outlines.emplace_back(*part);
    for (size_t i = 0; i < parts_.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        if (!surely_disjoint(outlines[i], outlines[j])) {
          overlapping_[i].push_back(j);
          overlapping_[j].push_back(i);
        }
  }

  // Some spaces count by an index that the first question makes: ask it here, before processes are forked.
  void prepare_counts() {
    for (size_t i = 0; i < parts_.size(); ++i) {
      distinct_ = distinct_ && parts_[i]->distinct() && overlapping_[i].empty();
      if (!overlapping_[i].empty()) parts_[i]->count(parts_[i]->at(0));
    }
  }

  std::vector<SpacePtr> parts_;
  std::vector<uint64_t> ends_;
  std::vector<std::vector<size_t>> overlapping_;  ///< for each part those that may share points with it
  bool distinct_ = true;
};

std::vector<Column> Concat::columns() const {
  std::vector<Column> columns;
  std::unordered_map<std::string_view, size_t> everywhere;  // in how many parts
  for (const SpacePtr& part : parts_)
    for (const Column& column : part->columns()) {
      const auto [at, is_new] = everywhere.try_emplace(column.name, 0);
      if (is_new) columns.push_back(column);
      at->second += column.everywhere;
    }
  for (Column& column : columns) column.everywhere = everywhere[column.name] == parts_.size();
  return columns;
}

}  // namespace

Result<SpacePtr> make_concat(std::vector<SpacePtr> parts, SourcePosition where) {
  constexpr size_t max_parts = 1000;
  if (parts.empty()) return failure("the concatenation has no parts; give it at least one", where);
  if (parts.size() > max_parts)
    return failure("the concatenation has more than 1000 parts; list the points in a file", where);
  if (parts.size() == 1) return parts.front();
  uint64_t size = 0;
  for (const SpacePtr& part : parts) {
    size += part->size();
    if (size > max_points)
      return failure("the concatenation has more than 2^53 points; use fewer values", where);
  }
  return std::make_shared<Concat>(std::move(parts));
}

}  // namespace sweepd
