// Listed values of one parameter.
#include <algorithm>
#include <utility>

#include "runner/core/space/axis.h"
#include "runner/core/space/digest.h"
#include "runner/core/space/repeats.h"
#include "runner/core/space/text_arena.h"
#include "runner/core/spaces.h"

namespace sweepd {
namespace {

class List final : public Axis {
 public:
  List(std::string name, const std::vector<Value>& values, std::vector<SourcePosition> places)
      : Axis(std::move(name), values.size()), places_(std::move(places)) {
    values_.reserve(values.size());
    for (const Value& value : values) values_.push_back(text_.keep(value));
    std::vector<uint64_t> hashes;
    hashes.reserve(values.size());
    for (const Value& value : values_) hashes.push_back(hash_of(value, 0));
    repeats_ = Repeats(hashes);
    counts_ = HashCounts(std::move(hashes));
  }

  void append(uint64_t index, Point& point) const override { point.push_back({name(), values_[index]}); }
  bool distinct() const override { return repeats_.empty(); }
  Rank rank(uint64_t index) const override { return distinct() ? Rank{} : repeats_.rank(index); }
  uint64_t count(const Point& point) const override {
    return point.size() == 1 && point[0].name == name() ? counts_.count(hash_of(point[0].value, 0)) : 0;
  }

  bool visit(std::string_view column, const Visit& visit) const override {
    if (column != name()) return true;
    for (size_t i = 0; i < values_.size(); ++i)
      if (!visit(values_[i], places_[i])) return false;
    return true;
  }

  uint64_t fingerprint() const override {
    Digest digest("list");
    digest.add(name());
    for (const Value& value : values_) digest.add(value);
    return digest.value();
  }

 private:
  TextArena text_;
  std::vector<Value> values_;
  std::vector<SourcePosition> places_;
  Repeats repeats_;
  HashCounts counts_;
};

}  // namespace

Result<SpacePtr> make_list(std::string name, const std::vector<Value>& values,
                           std::vector<SourcePosition> places) {
  places.resize(values.size());
  const SourcePosition where = places.empty() ? SourcePosition{} : places.front();
  if (Result<void> named = check_name(name, where); !named) return tl::unexpected(named.error());
  if (values.empty()) return failure("the list of '" + name + "' has no values; give it at least one", where);
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i].has_text() && values[i].string().size() > max_text_bytes)
      return failure("a value of '" + name + "' is longer than 16 MiB; put it into a file", places[i]);
  return std::make_shared<List>(std::move(name), values, std::move(places));
}

}  // namespace sweepd
