#include "slurm/times.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <span>
#include <string>

namespace sweepd {
namespace {

constexpr int64_t minute = 60;
constexpr int64_t hour = 60 * minute;
constexpr int64_t day = 24 * hour;

std::optional<uint32_t> take_whole(std::string_view& text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

bool is_one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

tl::unexpected<Error> malformed(std::string_view text, std::string_view form) {
  return failure("'" + std::string(text.substr(0, 60)) + "' is not " + std::string(form));
}

// Whole numbers parted by ':', none behind the last.
std::optional<std::array<uint32_t, 3>> parse_fields(std::string_view text, size_t& count) {
  std::array<uint32_t, 3> fields{};
  for (count = 0; count < fields.size(); ++count) {
    const std::optional<uint32_t> number = take_whole(text);
    if (!number) return std::nullopt;
    fields[count] = *number;
    if (text.empty()) {
      ++count;
      return fields;
    }
    if (!take(text, ':')) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<int64_t>> parse_slurm_time(std::string_view text) {
  static constexpr std::string_view unknown[] = {"", "Unknown", "N/A", "None", "(null)"};
  if (is_one_of(text, unknown)) return std::nullopt;
  std::string_view rest = text;
  std::array<uint32_t, 6> fields{};
  constexpr std::string_view separators = "--T::";
  for (size_t field = 0; field < fields.size(); ++field) {
    const std::optional<uint32_t> number = take_whole(rest);
    if (!number || (field > 0 && *number > 99)) return malformed(text, "a time such as 2026-11-22T15:56:14");
    fields[field] = *number;
    const bool is_last = field + 1 == fields.size();
    if (is_last ? !rest.empty() : !take(rest, separators[field]))
      return malformed(text, "a time such as 2026-11-22T15:56:14");
  }
  using namespace std::chrono;
  const year_month_day date(year(static_cast<int>(std::min(fields[0], 9999U))), month(fields[1]),
                            std::chrono::day(fields[2]));
  if (fields[0] > 9999 || !date.ok() || fields[3] > 23 || fields[4] > 59 || fields[5] > 60)
    return malformed(text, "a time such as 2026-11-22T15:56:14");
  const int64_t days = sys_days(date).time_since_epoch().count();
  return days * sweepd::day + fields[3] * hour + fields[4] * minute + fields[5];
}

Result<std::optional<int64_t>> parse_slurm_duration(std::string_view text) {
  static constexpr std::string_view unknown[] = {"",        "UNLIMITED", "INFINITE", "Partition_Limit",
                                                 "NOT_SET", "N/A",       "INVALID",  "(null)"};
  if (is_one_of(text, unknown)) return std::nullopt;
  constexpr std::string_view form = "a time limit such as 1-02:00:00";
  std::string_view rest = text;
  uint32_t days = 0;
  const bool has_days = text.find('-') != std::string_view::npos;
  if (has_days) {
    const std::optional<uint32_t> number = take_whole(rest);
    if (!number || !take(rest, '-')) return malformed(text, form);
    days = *number;
  }
  size_t count = 0;
  const auto fields = parse_fields(rest, count);
  if (!fields) return malformed(text, form);
  // Without days or hours the first number counts minutes.
  const int64_t first = has_days || count == 3 ? hour : minute;
  return days * day + (*fields)[0] * first + (*fields)[1] * (first / 60) + (*fields)[2];
}

}  // namespace sweepd
