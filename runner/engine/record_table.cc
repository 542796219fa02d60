#include "runner/engine/record_table.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "runner/engine/line_reader.h"
#include "runner/engine/record_scan.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

uint64_t key_of(std::string_view id) {
  constexpr size_t key_digits = 16;
  uint64_t key = 0;
  std::from_chars(id.data(), id.data() + std::min(id.size(), key_digits), key, 16);
  return key;
}

}  // namespace

Result<void> RecordTable::add(const std::string& path) {
  LineReader lines;
  if (auto opened = lines.open(path); !opened) return opened;
  const auto file = static_cast<uint32_t>(files_.size());
  files_.push_back(path);
  uint64_t offset = 0;
  for (std::string_view line; lines.next(line); offset = lines.next_offset())
    if (const auto record = scan_record(line, RunPart::present))
      entries_.push_back({key_of(record->id), offset, static_cast<uint32_t>(line.size()), file, false});
  return lines.error() ? Result<void>(tl::unexpected(*lines.error())) : Result<void>{};
}

void RecordTable::sort() {
  const auto comes_before = [](const Entry& a, const Entry& b) {
    return a.key != b.key ? a.key < b.key : a.file != b.file ? a.file < b.file : a.offset < b.offset;
  };
  std::sort(entries_.begin(), entries_.end(), comes_before);
  const auto same = [](const Entry& a, const Entry& b) { return a.key == b.key; };
  entries_.erase(std::unique(entries_.begin(), entries_.end(), same), entries_.end());
}

const RecordTable::Entry* RecordTable::find(uint64_t key) const {
  const auto found =
      std::partition_point(entries_.begin(), entries_.end(), [key](const Entry& e) { return e.key < key; });
  return found != entries_.end() && found->key == key ? &*found : nullptr;
}

bool RecordTable::was_taken(std::string_view id) const {
  const Entry* const entry = find(key_of(id));
  return entry != nullptr && entry->taken;
}

bool RecordTable::is_elsewhere(std::string_view id, const std::string& path) const {
  const Entry* const entry = find(key_of(id));
  return entry != nullptr && files_[entry->file] != path;
}

Result<bool> RecordTable::take(std::string_view id, std::string& line) {
  const Entry* const entry = find(key_of(id));
  if (entry == nullptr || entry->taken) return false;
  if (auto got = read(*entry, line); !got) return tl::unexpected(got.error());
  const auto record = scan_record(line, RunPart::present);
  if (!record || record->id != id) return false;
  entries_[static_cast<size_t>(entry - entries_.data())].taken = true;
  ++taken_;
  return true;
}

Result<void> RecordTable::read(const Entry& entry, std::string& line) {
  if (open_number_ != entry.file) {
    auto file = open_trusted(files_[entry.file]);
    if (!file) return tl::unexpected(file.error());
    open_file_ = std::move(*file);
    open_number_ = entry.file;
  }
  line.resize(entry.length);
  size_t done = 0;
  while (done < line.size()) {
    const ssize_t got = pread(open_file_.get(), line.data() + done, line.size() - done,
                              static_cast<off_t>(entry.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refused("read", files_[entry.file]);
    if (got == 0) return failure("has become shorter meanwhile", {files_[entry.file], 0, 0});
    done += static_cast<size_t>(got);
  }
  return {};
}

}  // namespace sweepd
