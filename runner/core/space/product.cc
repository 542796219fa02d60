// Every combination of the points of several spaces: arithmetic on the index, nothing kept per point.
#include <algorithm>
#include <utility>

#include "runner/core/space/combination.h"
#include "runner/core/space/digest.h"
#include "runner/core/spaces.h"

namespace sweepd {
namespace {

class Product final : public Combination {
 public:
  Product(std::vector<SpacePtr> parts, uint64_t size) : Combination(std::move(parts)), size_(size) {
    uint64_t stride = size;
    for (const SpacePtr& part : this->parts()) {
      stride /= part->size();
      strides_.push_back(stride);
    }
    distinct_ = std::all_of(this->parts().begin(), this->parts().end(),
                            [](const SpacePtr& part) { return part->distinct(); });
  }

  uint64_t size() const override { return size_; }
  bool distinct() const override { return distinct_; }

  void append(uint64_t index, Point& point) const override {
    for (size_t i = 0; i < parts().size(); ++i) parts()[i]->append(digit(index, strides_[i]), point);
  }

  // The parts' names differ, so points are equal where they are equal part by part; equal ones stand in the
  // order of the parts' own equals, the last part fastest.
  Rank rank(uint64_t index) const override {
    if (distinct_) return {};
    Rank rank;
    for (size_t i = 0; i < parts().size(); ++i) {
      const Rank part = parts()[i]->rank(digit(index, strides_[i]));
      rank.before = rank.before * part.total + part.before;
      rank.total *= part.total;
    }
    return rank;
  }

  uint64_t count(const Point& point) const override {
    const std::optional<std::vector<Point>> split = split_by_part(point);
    if (!split) return 0;
    uint64_t count = 1;
    for (size_t i = 0; i < parts().size() && count > 0; ++i) count *= parts()[i]->count((*split)[i]);
    return count;
  }

  uint64_t fingerprint() const override { return fingerprint_as("product"); }

 private:
  /// The quotient by `stride`, leaving the remainder. 32-bit division is several times as fast
  /// on many processors.
  static uint64_t digit(uint64_t& index, uint64_t stride) {
    if (stride == 1) return std::exchange(index, 0);
    const uint64_t quotient = ((index | stride) >> 32) == 0
                                  ? static_cast<uint32_t>(index) / static_cast<uint32_t>(stride)
                                  : index / stride;
    index -= quotient * stride;
    return quotient;
  }

  std::vector<uint64_t> strides_;
  uint64_t size_;
  bool distinct_;
};

std::string sizes_text(const std::vector<SpacePtr>& parts) {
  std::string text;
  for (const SpacePtr& part : parts) text += (text.empty() ? "" : " x ") + std::to_string(part->size());
  return text;
}

}  // namespace

Result<SpacePtr> make_product(std::vector<SpacePtr> parts, SourcePosition where) {
  if (parts.empty()) return failure("the product has no parts; give it at least one parameter", where);
  if (Result<void> names = check_disjoint_names(parts, where); !names) return tl::unexpected(names.error());
  uint64_t size = 1;
  for (const SpacePtr& part : parts) {
    if (part->size() > max_points / size)
      return failure("the product " + sizes_text(parts) + " has more than 2^53 points; use fewer values",
                     where);
    size *= part->size();
  }
  return std::make_shared<Product>(std::move(parts), size);
}

}  // namespace sweepd
