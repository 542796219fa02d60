#include "runner/engine/scaling_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "runner/core/json.h"

namespace sweepd {
namespace {

constexpr std::array<std::string_view, 4> own_names = {"rows", "p", "limit", "peak_workers"};

// A parameter named as one of the table's own members is `params.<name>`.
void append_member(std::string& out, std::string_view name, std::string_view raw) {
  const bool is_taken = std::find(own_names.begin(), own_names.end(), name) != own_names.end();
  if (out.size() > 1) out += ',';
  append_json(out, is_taken ? "params." + std::string(name) : std::string(name));
  out += ':';
  out += raw;
}

std::optional<Number> number_at(const Members& members, std::string_view name) {
  const Member* member = find(members, name);
  return member == nullptr ? std::nullopt : number_of(member->raw);
}

bool is_measured_parameter(std::string_view name) {
  return name == "workers" || name == "repeats" || name == "replicate" || name == "mode";
}

void append_row(std::string& out, const ScalingRow& row) {
  if (out.back() == '}') out += ',';
  append_json(out += "{\"workers\":", row.workers);
  append_json(out += ",\"seconds\":", row.seconds);
  append_json(out += ",\"speedup\":", row.speedup);
  append_json(out += ",\"efficiency\":", row.efficiency);
  out += '}';
}

template <typename T>
void append_or_null(std::string& out, std::string_view key, const std::optional<T>& value) {
  out += key;
  if (value)
    append_json(out, *value);
  else
    out += "null";
}

std::string quoted(ScalingMode mode) {
  std::string text;
  append_json(text, name_of(mode));
  return text;
}

}  // namespace

ScalingTable::Table& ScalingTable::table_of_point() {
  static const std::string strong = quoted(ScalingMode::strong), weak = quoted(ScalingMode::weak);
  const Member* mode = find(params_, "mode");
  const std::string_view mode_raw = mode == nullptr ? strong : mode->raw;
  std::string key = "{";
  append_member(key, "mode", mode_raw);
  for (const Member& member : params_)
    if (!is_measured_parameter(member.name)) append_member(key, member.name, member.raw);
  const auto [place, is_new] = places_.try_emplace(key, tables_.size());
  if (is_new) tables_.push_back({key, mode_raw == weak ? ScalingMode::weak : ScalingMode::strong, {}});
  return tables_[place->second];
}

bool ScalingTable::add(const ScannedRecord& record) {
  if (!record.ok) return true;
  if (!reader_.read(record.params, params_)) return false;
  const std::optional<Number> workers = number_at(params_, "workers");
  Table& table = table_of_point();
  if (!reader_.read(record.value, result_)) return false;
  const std::optional<Number> seconds = number_at(result_, "seconds");
  const bool is_time = workers && seconds && workers->real >= 1 && workers->real < 1e9 && seconds->real > 0 &&
                       std::isfinite(seconds->real);
  if (is_time) table.times.push_back({static_cast<uint64_t>(workers->real), seconds->real});
  return is_time;
}

std::string ScalingTable::json_of(const Table& table) {
  const std::vector<ScalingRow> rows = scaling_rows(table.times, table.mode);
  std::string text = table.parameters + ",\"rows\":[";
  for (const ScalingRow& row : rows) append_row(text, row);
  const std::optional<AmdahlFit> fit =
      table.mode == ScalingMode::strong ? fit_amdahl(rows) : std::optional<AmdahlFit>{};
  append_or_null(text, "],\"p\":", fit ? std::optional(fit->p) : std::nullopt);
  append_or_null(text, ",\"limit\":", fit ? fit->limit : std::nullopt);
  append_or_null(text, ",\"peak_workers\":", peak_workers(rows));
  return text += '}';
}

std::vector<std::string> ScalingTable::tables() const {
  std::vector<std::string> texts;
  for (const Table& table : tables_) texts.push_back(json_of(table));
  return texts;
}

}  // namespace sweepd
