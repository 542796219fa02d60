#include "runner/engine/reducer.h"

#include <algorithm>
#include <utility>

#include "runner/core/json.h"

namespace sweepd {

Reducer::Reducer(Reduce reduce) : by_(std::move(reduce.by)), by_places_(by_.size(), 0) {
  for (auto& [name, statistics] : reduce.fields) {
    const bool median =
        std::find(statistics.begin(), statistics.end(), Statistic::median) != statistics.end();
    fields_.push_back({std::move(name), std::move(statistics), median});
  }
}

bool Reducer::add(const ScannedRecord& record) {
  if (!find_group(record)) return false;
  if (!record.ok) return true;
  if (!reader_.read_result(record.value, result_)) return false;
  ++group_->second.count;
  for (size_t i = 0; i < fields_.size(); ++i) add_field(record, fields_[i], group_->second.fields[i]);
  return true;
}

// The JSON of `by` is the group's key: parameters are written in one way only, so equal values
// have equal texts.
bool Reducer::find_group(const ScannedRecord& record) {
  key_ = '{';
  if (!by_.empty() && !reader_.read(record.params, params_)) return false;
  for (size_t i = 0; i < by_.size(); ++i) {
    const Member* member = find(params_, by_[i], by_places_[i]);
    if (member == nullptr) continue;
    if (key_.size() > 1) key_ += ',';
    append_json(key_, std::string_view(by_[i]));
    key_ += ':';
    key_ += member->raw;
  }
  key_ += '}';
  if (group_ != nullptr && group_->first == key_) return true;
  const auto [place, is_new] = groups_.try_emplace(key_);
  group_ = &*place;
  if (!is_new) return true;
  order_.push_back(group_);
  group_->second.fields.reserve(fields_.size());
  for (const Field& field : fields_) group_->second.fields.emplace_back(field.keep_values);
  return true;
}

void Reducer::add_field(const ScannedRecord& record, Field& field, FieldStatistics& statistics) {
  if (const std::optional<Number> number = value_of(field)) return statistics.add(*number);
  if (field.left_out++ == 0) field.left_out_index = record.index;
}

std::optional<Number> Reducer::value_of(Field& field) {
  const Member* member = find(result_, field.name, field.place);
  std::string_view rest = field.name;
  const Members* level = &result_;
  while (member == nullptr) {
    const size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const Member* outer = find(*level, rest.substr(0, dot));
    if (outer == nullptr || !nested_reader_.read(outer->raw, nested_)) return std::nullopt;
    level = &nested_;
    rest.remove_prefix(dot + 1);
    member = find(nested_, rest);
  }
  return number_of(member->raw);
}

void Reducer::write_rows(const std::function<void(std::string_view)>& write) {
  std::string row;
  for (Groups::value_type* group : order_) {
    row.clear();
    append_row(row, group->first, group->second);
    write(row);
  }
}

void Reducer::append_row(std::string& row, const std::string& by, Group& group) const {
  row += "{\"by\":";
  row += by;
  row += ",\"count\":";
  append_json(row, group.count);
  row += ",\"fields\":{";
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (i > 0) row += ',';
    append_json(row, std::string_view(fields_[i].name));
    row += ":{";
    for (const Statistic statistic : fields_[i].statistics) {
      if (row.back() != '{') row += ',';
      append_json(row, name_of(statistic));
      row += ':';
      group.fields[i].append_json(row, statistic);
    }
    row += '}';
  }
  row += "}}";
}

std::vector<std::string> Reducer::warnings() const {
  std::vector<std::string> texts;
  for (const Field& field : fields_) {
    if (field.left_out == 0) continue;
    const std::string records = field.left_out == 1 ? " record" : " records";
    texts.push_back("reduce: the results of " + std::to_string(field.left_out) + records +
                    " have no number \"" + field.name + "\", such as that of point " +
                    std::to_string(field.left_out_index) + "; they are left out of its statistics");
  }
  return texts;
}

}  // namespace sweepd
