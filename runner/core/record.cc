#include "runner/core/record.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "runner/core/json.h"
#include "runner/core/utf8.h"
#include "runner/core/xxh3.h"

namespace sweepd {
namespace {

constexpr int64_t microseconds_per_day = int64_t{86'400} * 1'000'000;

char* put_digits(char* at, int64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
  return at + digits;
}

// Days since 1970-01-01 to year, month, day: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
char* put_date(char* at, int64_t days) {
  const int64_t z = days + 719'468;
  const int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const int64_t day_of_era = z - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  at = put_digits(at, year_of_era + era * 400 + (month <= 2 ? 1 : 0), 4);
  *at++ = '-';
  at = put_digits(at, month, 2);
  *at++ = '-';
  return put_digits(at, day_of_year - (153 * shifted_month + 2) / 5 + 1, 2);
}

// Seconds with nanosecond digits are all a clock gives; integers are many times cheaper to write than a
// double's shortest text, and `run` is written for every point.
void append_seconds(std::string& out, double seconds) {
  const auto nanoseconds = static_cast<int64_t>(std::llround(seconds * 1e9));
  char buffer[32];
  char* at = std::to_chars(buffer, buffer + 20, nanoseconds / 1'000'000'000).ptr;
  *at++ = '.';
  at = put_digits(at, nanoseconds % 1'000'000'000, 9);
  while (at[-1] == '0' && at[-2] != '.') --at;
  out.append(buffer, at);
}

void append_tenths(std::string& out, double value) {
  char buffer[32];
  const auto tenths = static_cast<int64_t>(std::llround(value * 10));
  char* at = std::to_chars(buffer, buffer + 20, tenths / 10).ptr;
  *at++ = '.';
  *at++ = static_cast<char>('0' + tenths % 10);
  out.append(buffer, at);
}

constexpr std::string_view check_key = ",\"check\":\"";
constexpr std::string_view check_end = "\"}}";
constexpr int check_digits = 8;
constexpr size_t check_bytes = check_key.size() + check_digits + check_end.size();

constexpr std::string_view mark_key = ",\"sweep\":\"";
constexpr size_t mark_digits = 8;
constexpr size_t mark_bytes = mark_key.size() + mark_digits + 1;

constexpr std::string_view code_key = ",\"code\":";

void append_mark(std::string& out, std::string_view mark) {
  out += mark_key;
  out += mark;
  out += '"';
}

/// The end of a line that begins with `text`: its checksum, and the braces of `run` and record.
void write_check(std::string_view text, std::array<char, check_bytes>& out) {
  char* at = std::copy(check_key.begin(), check_key.end(), out.begin());
  write_hex(xxh3(text), at, check_digits);
  std::copy(check_end.begin(), check_end.end(), at + check_digits);
}

/// Ends the line that begins at `begin` of `out`.
void append_check(std::string& out, size_t begin) {
  std::array<char, check_bytes> check;
  write_check(std::string_view(out).substr(begin), check);
  out.append(check.data(), check.size());
  out += '\n';
}

}  // namespace

void append_timestamp(std::string& out, int64_t microseconds) {
  char buffer[40];
  const int64_t in_day = microseconds % microseconds_per_day;
  char* at = put_date(buffer, microseconds / microseconds_per_day);
  *at++ = 'T';
  at = put_digits(at, in_day / 3'600'000'000, 2);
  *at++ = ':';
  at = put_digits(at, in_day / 60'000'000 % 60, 2);
  *at++ = ':';
  at = put_digits(at, in_day / 1'000'000 % 60, 2);
  *at++ = '.';
  at = put_digits(at, in_day % 1'000'000, 6);
  *at++ = 'Z';
  out.append(buffer, at);
}

std::string sweep_mark(std::string_view fingerprint) {
  return std::string(fingerprint.substr(0, mark_digits));
}

void append_record_head(std::string& out, uint64_t index, std::string_view id, std::string_view params_json) {
  out += "{\"index\":";
  append_json(out, index);
  out += ",\"id\":\"";
  out += id;
  out += "\",\"params\":";
  out += params_json;
  out += ",\"status\":\"";
}

void append_error(std::string& out, const Failure& failure) {
  out += "failed\",\"error\":{\"kind\":";
  append_json(out, name_of(failure.kind));
  out += ",\"message\":";
  append_json(out, std::string_view(valid_utf8(failure.message)));  // may name a path
  if (failure.exit_code) {
    out += ",\"exit_code\":";
    append_json(out, int64_t{*failure.exit_code});
  }
  out += ",\"stderr\":";
  append_json(out, failure.stderr_text);
  if (!failure.stdout_text.empty()) {
    out += ",\"stdout\":";
    append_json(out, failure.stdout_text);
  }
  out += '}';
}

void append_moved_record(std::string& out, uint64_t index, std::string_view id, std::string_view params_json,
                         std::string_view outcome, std::string_view sweep) {
  const size_t begin = out.size();
  append_record_head(out, index, id, params_json);
  const size_t mark = mark_in(outcome).empty() ? 0 : mark_bytes;
  out += outcome.substr(0, outcome.size() - check_bytes - mark);
  append_mark(out, sweep);
  append_check(out, begin);
}

bool is_intact(std::string_view line) {
  if (line.size() < check_bytes) return false;
  const size_t end = line.size() - check_bytes;
  std::array<char, check_bytes> expected;
  write_check(line.substr(0, end), expected);
  return line.substr(end) == std::string_view(expected.data(), expected.size());
}

std::string_view mark_in(std::string_view line) {
  if (line.size() < mark_bytes + check_bytes) return {};
  const std::string_view member = line.substr(line.size() - check_bytes - mark_bytes, mark_bytes);
  return member.starts_with(mark_key) ? member.substr(mark_key.size(), mark_digits) : std::string_view();
}

uint32_t code_in(std::string_view line) {
  if (mark_in(line).empty()) return 0;
  line.remove_suffix(check_bytes + mark_bytes);
  const size_t digits = line.find_last_not_of("0123456789") + 1;  // a line begins with a brace
  if (!line.substr(0, digits).ends_with(code_key)) return 0;
  uint32_t code = 0;
  std::from_chars(line.data() + digits, line.data() + line.size(), code);
  return code;
}

void append_run(std::string& out, size_t begin, const RunFacts& run) {
  out += ",\"run\":{\"attempt\":";
  append_json(out, uint64_t{run.attempt});
  out += ",\"elapsed_s\":";
  append_seconds(out, run.elapsed_s);
  out += ",\"cpu_s\":";
  append_seconds(out, run.cpu_s);
  out += ",\"max_rss_mib\":";
  append_tenths(out, run.max_rss_mib);
  out += ",\"host\":";
  append_json(out, run.host);
  out += ",\"worker\":";
  append_json(out, uint64_t{run.worker});
  out += ",\"cpus\":";
  append_json(out, run.cpus);
  out += ",\"started\":\"";
  append_timestamp(out, run.started_us);
  out += '"';
  if (run.code != 0) {
    out += code_key;
    append_json(out, uint64_t{run.code});
  }
  if (!run.sweep.empty()) append_mark(out, run.sweep);
  append_check(out, begin);
}

}  // namespace sweepd
