#include "runner/engine/record_scan.h"

#include <charconv>
#include <cstring>

#include "runner/core/chunk_name.h"
#include "runner/core/identity.h"
#include "runner/core/record.h"

namespace sweepd {
namespace {

constexpr std::string_view index_key = "{\"index\":";
constexpr std::string_view id_key = ",\"id\":\"";
constexpr std::string_view params_key = "\",\"params\":";
constexpr std::string_view status_key = ",\"status\":\"";
constexpr std::string_view ok_value = "ok\",\"result\":";
constexpr std::string_view failed_value = "failed\",\"error\":";
constexpr std::string_view run_key = ",\"run\":";
constexpr size_t id_digits = std::tuple_size_v<PointId>;

bool take(std::string_view& rest, std::string_view expected) {
  if (!rest.starts_with(expected)) return false;
  rest.remove_prefix(expected.size());
  return true;
}

bool take_index(std::string_view& rest, uint64_t index) {
  char digits[24];
  const char* const end = std::to_chars(digits, digits + sizeof digits, index).ptr;
  return take(rest, {digits, static_cast<size_t>(end - digits)});
}

/// How far the object reaches that `text` begins with; 0 where it does not end.
size_t end_of_object(std::string_view text) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return 0;
}

// A flat object ends at the first brace that the status follows: braces in strings are followed by other
// things. With others in it, which is rare, that could be one of those.
bool take_params(std::string_view& rest, std::string_view& params) {
  if (!rest.starts_with('{')) return false;
  for (size_t from = 1;;) {
    const size_t brace = rest.find('}', from);
    if (brace == std::string_view::npos) return false;
    from = brace + 1;
    if (!rest.substr(from).starts_with(status_key)) continue;
    if (std::memchr(rest.data() + 1, '{', from - 1) != nullptr) from = end_of_object(rest);
    if (!rest.substr(from).starts_with(status_key)) return false;
    params = rest.substr(0, from);
    rest.remove_prefix(from + status_key.size());
    return true;
  }
}

// Cuts `run` and the closing brace off the end: `run` is flat, so the last '{' begins it.
bool cut_end(std::string_view& rest, RunPart run) {
  if (run == RunPart::absent) {
    if (!rest.ends_with('}')) return false;
    rest.remove_suffix(1);
    return !rest.empty();
  }
  if (!rest.ends_with("}}")) return false;
  const void* const brace = ::memrchr(rest.data(), '{', rest.size());
  if (brace == nullptr) return false;
  rest = rest.substr(0, static_cast<size_t>(static_cast<const char*>(brace) - rest.data()));
  if (!rest.ends_with(run_key)) return false;
  rest.remove_suffix(run_key.size());
  return !rest.empty();
}

Error not_the_record(const ChunkFile& file, uint64_t due, SourcePosition where) {
  const std::string what =
      due >= file.range.last
          ? "a line too many: by its name the file ends before point " + std::to_string(due)
          : "this line is not the whole record of point " + std::to_string(due);
  return Error{what + "; 'sweepd run' sets the file aside and runs its points again", std::move(where)};
}

}  // namespace

std::optional<ScannedRecord> scan_record(std::string_view line, uint64_t index, RunPart run) {
  // Without a checksum at least blocks that never reached the disk are seen: they read as zeros.
  const bool intact =
      run == RunPart::present ? is_intact(line) : std::memchr(line.data(), 0, line.size()) == nullptr;
  if (!intact) return std::nullopt;
  ScannedRecord record;
  record.index = index;
  record.text = line;
  std::string_view rest = line;
  if (!take(rest, index_key) || !take_index(rest, index) || !take(rest, id_key) || rest.size() < id_digits)
    return std::nullopt;
  record.id = rest.substr(0, id_digits);
  rest.remove_prefix(id_digits);
  if (!take(rest, params_key) || !take_params(rest, record.params)) return std::nullopt;
  record.outcome_at = line.size() - rest.size();
  record.ok = take(rest, ok_value);
  if (!record.ok && !take(rest, failed_value)) return std::nullopt;
  if (!cut_end(rest, run)) return std::nullopt;
  if (run == RunPart::present) record.sweep = mark_in(line);
  record.value = rest;
  record.core = {line.data(), static_cast<size_t>(rest.data() + rest.size() - line.data())};
  return record;
}

std::optional<ScannedRecord> scan_record(std::string_view line, RunPart run) {
  uint64_t index = 0;
  if (!line.starts_with(index_key)) return std::nullopt;
  const auto parsed = std::from_chars(line.data() + index_key.size(), line.data() + line.size(), index);
  return parsed.ec == std::errc{} ? scan_record(line, index, run) : std::nullopt;
}

Result<void> RecordScan::open(const ChunkFile& file) {
  file_ = file;
  due_ = kept_.next_missing(file.range.first);
  count_ = intact_bytes_ = 0;
  error_.reset();
  met_stranger_ = false;
  return lines_.open(file.part ? file.folder + '/' + part_file_name(file.range)
                               : folder_ + '/' + chunk_file_name(file.range));
}

const ScannedRecord* RecordScan::next() {
  const ScannedRecord* record = nullptr;
  do record = next_in_file();
  while (record != nullptr && record->index < file_.from);
  return record;
}

const ScannedRecord* RecordScan::next_in_file() {
  std::string_view line;
  if (error_ || !lines_.next(line)) return nullptr;
  const std::optional<ScannedRecord> record =
      due_ < file_.range.last ? scan_record(line, due_, RunPart::present) : std::nullopt;
  if (!record) return refuse(not_the_record(file_, due_, position()));
  met_stranger_ = !origin_.has(*record);
  if (met_stranger_) return refuse(not_of_this_sweep(position()));
  record_ = *record;
  ++count_;
  intact_bytes_ = lines_.next_offset();
  due_ = kept_.next_missing(due_ + 1);
  return &record_;
}

const ScannedRecord* RecordScan::refuse(Error error) {
  error_ = std::move(error);
  return nullptr;
}

Result<uint64_t> RecordScan::finish() const {
  if (error_) return tl::unexpected(*error_);
  if (lines_.error()) return tl::unexpected(*lines_.error());
  if (file_.part || (due_ >= file_.range.last && lines_.tail().empty())) return count_;
  SourcePosition where = position();
  ++where.line;
  if (!lines_.tail().empty()) return tl::unexpected(not_the_record(file_, due_, std::move(where)));
  return failure("the file ends after " + std::to_string(count_) + " of its " +
                     std::to_string(kept_.missing_in(file_.range)) +
                     " records; 'sweepd run' sets it aside and runs its points again",
                 std::move(where));
}

SourcePosition RecordScan::position() const {
  return {lines_.path(), static_cast<uint32_t>(lines_.line_number()), 0};
}

}  // namespace sweepd
