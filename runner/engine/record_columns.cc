#include "runner/engine/record_columns.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace sweepd {
namespace {

constexpr size_t no_place = static_cast<size_t>(-1);
constexpr std::array<std::string_view, 3> fixed_columns = {"index", "id", "status"};

}  // namespace

RecordColumns::RecordColumns(const std::vector<Column>& parameters) : parameter_hints_(parameters.size()) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    parameters_.emplace_back(parameters[i].name);
    parameter_hints_[i] = i;
  }
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
  for (size_t i = 0; i < parameters_.size(); ++i)
    if (const Member* member = find(members_, parameters_[i], parameter_hints_[i])) cells_[i] = member->raw;
}

void RecordColumns::fill_fields() {
  for (size_t i = 0; i < members_.size(); ++i) {
    const size_t place = field_place(i, members_[i].name);
    if (place == no_place) continue;
    if (cells_.size() < size()) cells_.resize(size());
    cells_[parameters_.size() + place] = members_[i].raw;
  }
}

// Results mostly have the same members in the same order, so the place of the record before is
// nearly always right.
size_t RecordColumns::field_place(size_t member, std::string_view name) {
  if (member < hints_.size() && fields_[hints_[member]] == name) return hints_[member];
  name_ = name;
  const auto known = field_places_.find(name_);
  size_t place = fields_.size();
  if (known != field_places_.end()) {
    place = known->second;
  } else if (place >= max_fields) {
    is_cut_ = true;
    return no_place;
  } else {
    field_places_.emplace(name_, place);
    fields_.push_back(name_);
  }
  if (member == hints_.size()) hints_.push_back(place);
  if (member < hints_.size()) hints_[member] = place;
  return place;
}

std::vector<std::string> RecordColumns::header() const {
  std::vector<std::string> names;
  std::unordered_set<std::string> taken;
  for (const std::string_view name : fixed_columns) taken.emplace(name);
  const auto add = [&](std::string name, const std::string& prefix) {
    while (!taken.insert(name).second) name.insert(0, prefix);
    names.push_back(std::move(name));
  };
  for (const std::string& name : parameters_) add(name, "params.");
  for (const std::string& name : fields_) add(name, "result.");
  return names;
}

}  // namespace sweepd
