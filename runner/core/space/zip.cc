// Several spaces of one length, in step.
#include <algorithm>
#include <utility>

#include "runner/core/space/axis.h"
#include "runner/core/space/combination.h"
#include "runner/core/space/digest.h"
#include "runner/core/space/repeats.h"
#include "runner/core/spaces.h"

namespace sweepd {
namespace {

/// Whether the part tells the index from its value.
bool is_key(const SpacePtr& part) {
  return dynamic_cast<const GeneratedAxis*>(part.get()) != nullptr && part->distinct();
}

class Zip final : public Combination {
 public:
  explicit Zip(std::vector<SpacePtr> some_parts) : Combination(std::move(some_parts)) {
    for (const SpacePtr& part : parts()) {
      distinct_ = distinct_ || part->distinct();
      if (is_key(part)) key_ = static_cast<const GeneratedAxis*>(part.get());
    }
    if (key_ != nullptr) return;
    std::vector<uint64_t> hashes = hashes_of(*this);
    if (!distinct_) repeats_ = Repeats(hashes);
    distinct_ = distinct_ || repeats_.empty();
    counts_ = HashCounts(std::move(hashes));
  }

  uint64_t size() const override { return parts().front()->size(); }
  bool distinct() const override { return distinct_; }

  void append(uint64_t index, Point& point) const override {
    for (const SpacePtr& part : parts()) part->append(index, point);
  }

  Rank rank(uint64_t index) const override { return distinct_ ? Rank{} : repeats_.rank(index); }

  uint64_t count(const Point& point) const override {
    if (key_ == nullptr) return counts_.count(hash_of(point));
    const Value* key = find(point, key_->name());
    const Stretch at = key == nullptr ? Stretch{} : key_->find_value(*key);
    return at.first < at.last && hash_of(this->at(at.first)) == hash_of(point) ? 1 : 0;
  }

  uint64_t fingerprint() const override { return fingerprint_as("zip"); }

 private:
  const GeneratedAxis* key_ = nullptr;  ///< one part that is_key(), if there is one
  bool distinct_ = false;
  Repeats repeats_;
  HashCounts counts_;
};

/// `'a' has 3, 'b' has 4`
std::string lengths_text(const std::vector<SpacePtr>& parts) {
  std::string text;
  for (const SpacePtr& part : parts) {
    char separator = '\'';
    if (!text.empty()) text += ", ";
    for (const Column& column : part->columns()) {
      text += std::exchange(separator, '+');
      text += column.name;
    }
    text += "' has " + std::to_string(part->size());
  }
  return text;
}

}  // namespace

Result<SpacePtr> make_zip(std::vector<SpacePtr> parts, SourcePosition where) {
  if (parts.empty()) return failure("the zip has no parts; give it at least one parameter", where);
  if (Result<void> names = check_disjoint_names(parts, where); !names) return tl::unexpected(names.error());
  const auto differs = [&](const SpacePtr& part) { return part->size() != parts.front()->size(); };
  if (std::any_of(parts.begin(), parts.end(), differs))
    return failure("the zip's values differ in number: " + lengths_text(parts) + "; make them equally many",
                   where);
  const bool has_key = std::any_of(parts.begin(), parts.end(), is_key);
  if (!has_key && parts.front()->size() > max_compared_points)
    return failure("the zip has more than 2^28 points; use a range for one of its parameters", where);
  return std::make_shared<Zip>(std::move(parts));
}

}  // namespace sweepd
