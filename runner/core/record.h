// The text of a record: one line of JSON, the outcome of one point.
//
//   {"index":12,"id":"…","params":{…},"status":"ok","result":…,"run":{…,"sweep":"…","check":"…"}}
//   {"index":13,"id":"…","params":{…},"status":"failed","error":{…},"run":{…,"sweep":"…","check":"…"}}
//
// Readers rely on this order, on there being no spaces outside strings, and on `run` being the last member
// and flat: the last '{' of the line begins it, and the record without it is what results.json holds. No
// quote stands unescaped in a string, so it is at the first `},"status":"` that
// flat params end; those with lists or mappings in them are read to their last brace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runner/core/sweep.h"

namespace sweepd {

/// Why a point failed: the `error` of its record.
struct Failure {
  ErrorKind kind = ErrorKind::lost;
  std::string message;
  std::optional<int> exit_code;
  std::string stderr_text;
  std::string stdout_text{};  ///< its end
};

/// All that may differ from run to run.
struct RunFacts {
  uint32_t attempt = 1;    ///< from 1
  double elapsed_s = 0;    ///< wall time of this attempt
  double cpu_s = 0;        ///< user and system time
  double max_rss_mib = 0;  ///< peak resident memory of the processes that computed it
  std::string_view host;
  uint32_t worker = 0;
  std::string_view cpus;   ///< OS numbers as read back from the kernel, such as "4-5"
  int64_t started_us = 0;  ///< microseconds since 1970, UTC; written as 2026-11-22T15:56:14.123456Z
  std::string_view sweep;  ///< the mark of the sweep it is of; records of earlier versions have none
  uint32_t code = 0;       ///< the number of the code (core/code.h) that computed it; 0: has none
};

/// What tells the records of one sweep from those of others: the first 8 digits of its fingerprint.
std::string sweep_mark(std::string_view fingerprint);

/// A record is its head, then `"ok","result":` and a JSON value or append_error(), then append_run().
void append_record_head(std::string& out, uint64_t index, std::string_view id, std::string_view params_json);
inline constexpr std::string_view ok_and_result = "ok\",\"result\":";
void append_error(std::string& out, const Failure& failure);
/// Ends the record and the line. `begin`: where in `out` the record begins, for the checksum over all of it.
void append_run(std::string& out, size_t begin, const RunFacts& run);

/// Appends a record that was made for another index. `outcome` is the intact line from the value of its
/// status on, without the newline; it stays as it is but for the mark of its sweep, which becomes `sweep`,
/// and the checksum.
void append_moved_record(std::string& out, uint64_t index, std::string_view id, std::string_view params_json,
                         std::string_view outcome, std::string_view sweep);

/// Whether a line (without its newline) of a chunk file is as it was written, by its checksum: 8 hex digits,
/// the upper half of XXH3_64 over the line up to `,"check"`.
bool is_intact(std::string_view line);

/// The mark of the sweep in an intact line; empty where it has none.
std::string_view mark_in(std::string_view line);

/// The number of the code in an intact line with a mark; 0 where it has none.
uint32_t code_in(std::string_view line);

/// `2026-11-22T15:56:14.123456Z`
void append_timestamp(std::string& out, int64_t microseconds_since_1970);

}  // namespace sweepd
