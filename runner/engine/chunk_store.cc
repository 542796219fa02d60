#include "runner/engine/chunk_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "runner/core/chunk_name.h"
#include "runner/engine/record_scan.h"
#include "runner/platform/atomic_file.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {
namespace {

tl::unexpected<Error> refused(const char* what, const std::string& path) {
  return failure(std::string("cannot ") + what + " " + path + ": " + std::strerror(errno));
}

struct Prefix {
  Salvage salvage;
  off_t bytes = 0;
};

/// The complete records at the beginning of a part file.
Result<Prefix> readable_prefix(const std::string& folder, const Chunk& part) {
  RecordScan scan(folder);
  if (auto opened = scan.open({part, true}); !opened) return tl::unexpected(opened.error());
  Prefix prefix{.salvage = {.until = part.first}};
  while (const ScannedRecord* record = scan.next()) {
    prefix.bytes += static_cast<off_t>(record->text.size() + 1);
    prefix.salvage.until = record->index + 1;
    if (!record->ok) ++prefix.salvage.failed;
  }
  return prefix;
}

/// Cuts the file to `bytes` and makes sure that these are on the disk.
Result<void> cut_and_sync(const std::string& path, off_t bytes) {
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return refused("open", path);
  if (ftruncate(file.get(), bytes) != 0) return refused("cut", path);
  if (fdatasync(file.get()) != 0) return refused("sync", path);
  return {};
}

/// In order of index; of ranges that begin together the longest first.
bool comes_before(const ChunkFile& a, const ChunkFile& b) {
  return a.range.first != b.range.first ? a.range.first < b.range.first : a.range.last > b.range.last;
}

Result<std::vector<ChunkFile>> without_contained(std::vector<ChunkFile> files, const std::string& folder) {
  std::sort(files.begin(), files.end(), comes_before);
  std::vector<ChunkFile> kept;
  for (const ChunkFile& file : files) {
    if (kept.empty() || file.range.first >= kept.back().range.last) {
      kept.push_back(file);
    } else if (file.range.last > kept.back().range.last) {
      return failure(folder + "/" + chunk_file_name(file.range) + " overlaps " +
                     chunk_file_name(kept.back().range) +
                     "; remove one of them: points that are missing then run again");
    }
  }
  return kept;
}

/// Writes records, in order of index, to chunk files of their own: one for each run of neighbours.
class RecordRuns {
 public:
  explicit RecordRuns(const ChunkStore& store) : store_(store) {}

  Result<void> add(const ScannedRecord& record) {
    Result<void> written;
    if (record.index != range_.last) written = end();
    if (text_.empty()) range_.first = record.index;
    range_.last = record.index + 1;
    (text_ += record.text) += '\n';
    ++records_;
    return written;
  }
  Result<void> end() {
    if (text_.empty()) return {};
    auto written = write_file(store_.path(range_), text_);
    text_.clear();
    return written;
  }
  uint64_t records() const { return records_; }

 private:
  const ChunkStore& store_;
  Chunk range_;
  std::string text_;
  uint64_t records_ = 0;
};

/// The records of a damaged file that are as they were written, in order of index.
Result<void> add_intact(const ChunkStore& store, const Chunk& range, RecordRuns& runs) {
  LineReader lines;
  if (auto opened = lines.open(store.path(range)); !opened) return opened;
  uint64_t next = range.first;
  for (std::string_view line; lines.next(line);) {
    const auto record = scan_record(line, RunPart::present);
    if (!record || record->index < next || record->index >= range.last) continue;
    next = record->index + 1;
    if (auto added = runs.add(*record); !added) return added;
  }
  if (lines.error()) return tl::unexpected(*lines.error());
  return runs.end();
}

}  // namespace

ChunkStore::ChunkStore(std::string folder) : folder_(std::move(folder)) {}

std::string ChunkStore::path(const Chunk& chunk) const { return folder_ + "/" + chunk_file_name(chunk); }

Result<std::vector<ChunkFile>> ChunkStore::list() const {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(folder_.c_str()), closedir);
  if (!folder) return refused("read", folder_);
  std::vector<ChunkFile> files;
  while (const dirent* entry = readdir(folder.get())) {
    if (const auto chunk = parse_chunk_file_name(entry->d_name)) files.push_back({*chunk, false});
    if (const auto part = parse_part_file_name(entry->d_name)) files.push_back({*part, true});
  }
  return without_contained(std::move(files), folder_);
}

Result<std::vector<ChunkFile>> ChunkStore::recover() const {
  const auto files = list();
  if (!files) return files;
  std::vector<ChunkFile> committed;
  for (const ChunkFile& file : *files) {
    uint64_t until = file.range.last;
    if (file.part) {
      const auto salvaged = salvage(file.range);
      if (!salvaged) return tl::unexpected(salvaged.error());
      until = salvaged->until;
    }
    if (until > file.range.first) committed.push_back({{file.range.first, until}, false});
  }
  return committed;
}

Result<Salvage> ChunkStore::salvage(const Chunk& part) const {
  const std::string path = folder_ + "/" + part_file_name(part);
  if (access(path.c_str(), F_OK) != 0) return Salvage{.until = part.first};
  const auto prefix = readable_prefix(folder_, part);
  if (!prefix) return tl::unexpected(prefix.error());
  if (prefix->salvage.until == part.first) {
    if (unlink(path.c_str()) != 0) return refused("remove", path);
    return prefix->salvage;
  }
  if (auto cut = cut_and_sync(path, prefix->bytes); !cut) return tl::unexpected(cut.error());
  if (rename(path.c_str(), this->path({part.first, prefix->salvage.until}).c_str()) != 0)
    return refused("rename", path);
  return prefix->salvage;
}

Result<uint64_t> ChunkStore::forget_failed() const {
  const auto files = recover();
  if (!files) return tl::unexpected(files.error());
  uint64_t forgotten = 0;
  for (const ChunkFile& file : *files) {
    const auto here = forget_failed(file);
    if (!here) return here;
    forgotten += *here;
  }
  return forgotten;
}

Result<uint64_t> ChunkStore::forget_failed(const ChunkFile& file) const {
  RecordScan scan(folder_);
  if (auto opened = scan.open(file); !opened) return tl::unexpected(opened.error());
  uint64_t failed = 0;
  while (const ScannedRecord* record = scan.next()) failed += record->ok ? 0 : 1;
  if (auto whole = scan.finish(); !whole || failed == 0) return whole ? Result<uint64_t>(0) : whole;
  if (auto opened = scan.open(file); !opened) return tl::unexpected(opened.error());
  RecordRuns runs(*this);
  Result<void> written;
  while (const ScannedRecord* record = written ? scan.next() : nullptr)
    if (record->ok) written = runs.add(*record);
  if (written) written = runs.end();
  if (!written) return tl::unexpected(written.error());
  // Only now: until then the runs lie within this file and do not count.
  if (unlink(path(file.range).c_str()) != 0) return refused("remove", path(file.range));
  return failed;
}

Result<std::vector<std::string>> ChunkStore::repair() const {
  const auto files = list();
  if (!files) return tl::unexpected(files.error());
  std::vector<std::string> notices;
  RecordScan scan(folder_);
  for (const ChunkFile& file : *files) {
    if (file.part) continue;
    if (auto opened = scan.open(file); !opened) return tl::unexpected(opened.error());
    while (scan.next() != nullptr) {
    }
    const auto whole = scan.finish();
    if (whole) continue;
    const auto notice = repair(file.range, whole.error());
    if (!notice) return tl::unexpected(notice.error());
    notices.push_back(*notice);
  }
  return notices;
}

Result<std::string> ChunkStore::repair(const Chunk& range, const Error& damage) const {
  RecordRuns runs(*this);
  if (auto added = add_intact(*this, range, runs); !added) return tl::unexpected(added.error());
  const std::string aside = path(range) + ".damaged";
  // Only now: until then the runs lie within this file and do not count.
  if (rename(path(range).c_str(), aside.c_str()) != 0) return refused("set aside", path(range));
  return path(range) + " is damaged at line " + std::to_string(damage.where.line) + "; it is set aside as " +
         aside + ", and " + std::to_string(range.size() - runs.records()) + " of its " +
         std::to_string(range.size()) + " points run again";
}

Result<void> ChunkStore::commit_record(uint64_t index, std::string_view line) const {
  return write_file(path({index, index + 1}), line);
}

}  // namespace sweepd
