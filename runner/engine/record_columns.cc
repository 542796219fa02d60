#include "runner/engine/record_columns.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace sweepd {
namespace {

constexpr std::array<std::string_view, 3> fixed_columns = {"index", "id", "status"};

}  // namespace

void NamePlaces::add(std::string_view name) {
  places_.emplace(name, names_.size());
  names_.emplace_back(name);
}

size_t NamePlaces::find(size_t member, std::string_view name) {
  if (member < last_.size() && last_[member] != none && names_[last_[member]] == name) return last_[member];
  name_ = name;
  const auto known = places_.find(name_);
  const size_t place = known == places_.end() ? none : known->second;
  if (member >= last_.size()) last_.resize(member + 1, none);
  return last_[member] = place;
}

RecordColumns::RecordColumns(const std::vector<Column>& parameters) {
  for (const Column& parameter : parameters) parameters_.add(parameter.name);
}

bool RecordColumns::read(const ScannedRecord& record) {
  cells_.assign(size(), {});
  if (!reader_.read(record.params, members_)) return false;
  fill_parameters();
  if (!record.ok) return true;
  if (!reader_.read_result(record.value, members_)) return false;
  fill_fields();
  return true;
}

void RecordColumns::fill_parameters() {
  for (size_t i = 0; i < members_.size(); ++i) {
    const size_t place = parameters_.find(i, members_[i].name);
    if (place != NamePlaces::none) cells_[place] = members_[i].raw;
  }
}

void RecordColumns::fill_fields() {
  const size_t before = parameters_.names().size();
  for (size_t i = 0; i < members_.size(); ++i) {
    size_t place = fields_.find(i, members_[i].name);
    if (place == NamePlaces::none) {
      if (fields_.names().size() >= max_fields) {
        is_cut_ = true;
        continue;
      }
      fields_.add(members_[i].name);
      place = fields_.find(i, members_[i].name);
      cells_.resize(size());
    }
    cells_[before + place] = members_[i].raw;
  }
}

std::vector<std::string> RecordColumns::header() const {
  std::vector<std::string> names;
  std::unordered_set<std::string> taken;
  for (const std::string_view name : fixed_columns) taken.emplace(name);
  const auto add = [&](std::string name, const std::string& prefix) {
    while (!taken.insert(name).second) name.insert(0, prefix);
    names.push_back(std::move(name));
  };
  for (const std::string& name : parameters_.names()) add(name, "params.");
  for (const std::string& name : fields_.names()) add(name, "result.");
  return names;
}

}  // namespace sweepd
