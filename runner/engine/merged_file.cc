#include "runner/engine/merged_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "runner/core/json.h"
#include "runner/core/utf8.h"
#include "runner/engine/record_reader.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

constexpr std::string_view sweep_key = "{\"sweep\":";
constexpr std::string_view results_key = ",\"results\":[";
// No newline stands inside of a record, so this is the only place that looks so.
constexpr std::string_view reduced_mark = "\n],\"reduced\":[";
// Rows are read to be shown to a person. Where they take more, none are.
constexpr uint64_t most_reduced_bytes = uint64_t{256} << 20;

std::string header_text(const Sweep& sweep, const MergeCounts& counts) {
  std::string text(sweep_key);
  const auto member = [&text](std::string_view before, const auto& value) {
    text += before;
    append_json(text, value);
  };
  member("{\"name\":", std::string_view(valid_utf8(sweep.name)));
  text += ",\"task\":" + sweep.task_text;
  member(",\"points\":", sweep.size());
  member(",\"seed\":", sweep.seed);
  member(",\"fingerprint\":", std::string_view(sweep.fingerprint()));
  member(",\"complete\":", counts.records() == sweep.size());
  member(",\"ok\":", counts.ok);
  member(",\"failed\":", counts.failed);
  return text.append("}").append(results_key);
}

tl::unexpected<Error> not_merged(const std::string& path, uint64_t line) {
  return failure("this is not a line of a results.json; remove the file and merge again",
                 {path, static_cast<uint32_t>(line), 0});
}

// The last `count` bytes of the file.
Result<std::string> read_end(int fd, uint64_t size, uint64_t count, const std::string& path) {
  std::string text(count, '\0');
  for (uint64_t done = 0; done < count;) {
    const ssize_t got =
        ::pread(fd, text.data() + done, count - done, static_cast<off_t>(size - count + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refused("read", path);
    if (got == 0) return failure("cannot read: the file has become shorter", {path, 0, 0});
    done += static_cast<uint64_t>(got);
  }
  return text;
}

// The text from reduced_mark on.
Result<std::string> reduced_text(const std::string& path) {
  const auto fd = open_trusted(path);
  if (!fd) return tl::unexpected(fd.error());
  struct stat status {};
  if (::fstat(fd->get(), &status) != 0) return refused("read", path);
  const auto size = static_cast<uint64_t>(status.st_size);
  const uint64_t most = std::min(size, most_reduced_bytes);
  for (uint64_t count = std::min<uint64_t>(most, 64 << 10);; count = std::min(most, count * 4)) {
    Result<std::string> end = read_end(fd->get(), size, count, path);
    if (!end) return end;
    const size_t mark = end->rfind(reduced_mark);
    if (mark != std::string::npos) return end->substr(mark + reduced_mark.size());
    if (count == most) return not_merged(path, 0);
  }
}

}  // namespace

std::string merged_header(const Sweep& sweep, const MergeCounts& counts) {
  std::string text = header_text(sweep, counts);
  const size_t longest = header_text(sweep, {sweep.size(), sweep.size()}).size();
  text.append(std::max(longest, text.size()) - text.size(), ' ');
  return text += '\n';
}

Result<MergedFile> MergedFile::open(const std::string& path) {
  MergedFile file;
  if (Result<void> opened = file.lines_.open(path); !opened) return tl::unexpected(opened.error());
  std::string_view line;
  if (!file.lines_.next(line) && file.lines_.error()) return tl::unexpected(*file.lines_.error());
  const size_t end = line.rfind(results_key);
  if (!line.starts_with(sweep_key) || end == std::string_view::npos) return not_merged(path, 1);
  RecordReader reader;
  Members members;
  if (!reader.read(line.substr(sweep_key.size(), end - sweep_key.size()), members))
    return not_merged(path, 1);
  const Member* fingerprint = find(members, "fingerprint");
  const Member* complete = find(members, "complete");
  if (fingerprint == nullptr || complete == nullptr) return not_merged(path, 1);
  append_plain(file.fingerprint_, fingerprint->raw);
  file.is_complete_ = complete->raw == "true";
  return file;
}

const ScannedRecord* MergedFile::next() {
  std::string_view line;
  if (at_end_ || !lines_.next(line)) return nullptr;
  at_end_ = line.starts_with(']');
  if (at_end_) return nullptr;
  if (line.ends_with(',')) line.remove_suffix(1);
  const std::optional<ScannedRecord> record = scan_record(line, RunPart::absent);
  if (!record) return nullptr;
  record_ = *record;
  return &record_;
}

Result<void> MergedFile::finish() const {
  if (at_end_) return {};
  if (lines_.error()) return tl::unexpected(*lines_.error());
  return not_merged(lines_.path(), lines_.line_number());
}

Result<ReducedRows> read_reduced_rows(const std::string& path, size_t max_rows) {
  const Result<std::string> text = reduced_text(path);
  if (!text) return tl::unexpected(text.error());
  ReducedRows reduced;
  std::string_view rest = *text;
  while (rest.starts_with('\n')) {
    rest.remove_prefix(1);
    if (rest.empty() || rest[0] == ']') break;
    const size_t end = rest.find('\n');
    std::string_view row = rest.substr(0, end);
    if (row.ends_with(',')) row.remove_suffix(1);
    if (reduced.total++ < max_rows) reduced.rows.emplace_back(row);
    rest.remove_prefix(std::min(end, rest.size()));
  }
  return reduced;
}

}  // namespace sweepd
