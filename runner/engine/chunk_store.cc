#include "runner/engine/chunk_store.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "runner/core/chunk_name.h"
#include "runner/engine/record_scan.h"
#include "runner/platform/atomic_file.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

/// In order of index; of ranges that begin together the longest first.
bool comes_before(const ChunkFile& a, const ChunkFile& b) {
  return a.range.first != b.range.first ? a.range.first < b.range.first : a.range.last > b.range.last;
}

/// Of files in order: leaves out those whose points all stand in the ones before, and lets each point count
/// once.
std::vector<ChunkFile> without_overlaps(std::vector<ChunkFile> files) {
  std::vector<ChunkFile> counting;
  uint64_t covered_to = 0;
  for (ChunkFile& file : files) {
    if (file.range.last <= covered_to) continue;
    file.from = std::max(covered_to, file.range.first);
    covered_to = file.range.last;
    counting.push_back(file);
  }
  return counting;
}

/// Writes records, in order of index, to chunk files of their own: one for each run of neighbours.
class RecordRuns {
 public:
  explicit RecordRuns(const ChunkStore& store) : store_(store) {}

  /// Records with nothing but kept points between them are neighbours.
  Result<void> add(const ScannedRecord& record) {
    Result<void> written;
    if (record.index != store_.kept().next_missing(range_.last)) written = end();
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
  /// The run that end() will write.
  const Chunk& pending() const { return range_; }
  uint64_t records() const { return records_; }

 private:
  const ChunkStore& store_;
  Chunk range_;
  std::string text_;
  uint64_t records_ = 0;
};

/// Calls `visit` for the part file's complete records, up to the first that is torn or not due.
Result<Salvage> visit_complete(RecordScan& scan, const Chunk& part,
                               const std::function<void(const ScannedRecord&)>& visit) {
  if (auto opened = scan.open({part, true}); !opened) return tl::unexpected(opened.error());
  Salvage salvage{.until = part.first};
  while (const ScannedRecord* record = scan.next()) {
    visit(*record);
    salvage.until = scan.until();
    if (!record->ok) ++salvage.failed;
  }
  return salvage;
}

/// Copies the complete records of a part file, those before `until`, to the file `path`.
Result<void> copy_complete(RecordScan& scan, const Chunk& part, uint64_t until, const std::string& path) {
  auto copy = AtomicFile::create(path);
  if (!copy) return tl::unexpected(copy.error());
  const auto copied = visit_complete(scan, part, [&copy, until](const ScannedRecord& record) {
    if (record.index >= until) return;  // of a process that is still writing
    copy->append(record.text);
    copy->append("\n");
  });
  if (!copied) return tl::unexpected(copied.error());
  return copy->commit();
}

/// The records of a damaged file that are as they were written, in order of index.
Result<void> add_intact(const ChunkStore& store, const Chunk& range, const RecordOrigin& origin,
                        RecordRuns& runs) {
  LineReader lines;
  if (auto opened = lines.open(store.path(range)); !opened) return opened;
  uint64_t next = range.first;
  for (std::string_view line; lines.next(line);) {
    const auto record = scan_record(line, RunPart::present);
    if (!record || record->index < next || record->index >= range.last || !origin.has(*record)) continue;
    if (store.kept().next_missing(record->index) != record->index) continue;
    next = record->index + 1;
    if (auto added = runs.add(*record); !added) return added;
  }
  if (lines.error()) return tl::unexpected(*lines.error());
  return {};
}

}  // namespace

Result<ChunkStore> ChunkStore::open(std::string folder, RecordOrigin origin) {
  ChunkStore store(std::move(folder), std::move(origin));
  if (auto read = store.read_kept(); !read) return tl::unexpected(read.error());
  return store;
}

Result<void> ChunkStore::read_kept() {
  if (auto folder = open_trusted_folder(folder_); !folder) return tl::unexpected(folder.error());
  const auto there = is_there(kept_path());
  if (!there) return tl::unexpected(there.error());
  if (!*there) return {};
  LineReader lines;
  if (auto opened = lines.open(kept_path()); !opened) return opened;
  uint64_t next = 0, offset = 0;
  for (std::string_view line; lines.next(line);) {
    const auto record = scan_record(line, RunPart::present);
    const bool is_stranger = record && !origin_.has(*record);
    if (record && !is_stranger && record->index >= next) {
      kept_.add(record->index);
      next = record->index + 1;
    } else if (!kept_fault_) {
      kept_fault_ = Fault{lines.line_number(), offset, is_stranger};
    }
    offset = lines.next_offset();
  }
  if (lines.error()) return tl::unexpected(*lines.error());
  if (!kept_fault_ && !lines.tail().empty()) kept_fault_ = Fault{lines.line_number() + 1, offset, false};
  return {};
}

std::string ChunkStore::path(const Chunk& chunk) const { return folder_ + "/" + chunk_file_name(chunk); }

Result<std::vector<ChunkFile>> ChunkStore::files() const {
  const auto names = names_in_folder(folder_);
  if (!names) return tl::unexpected(names.error());
  std::vector<ChunkFile> files;
  for (const std::string& name : *names) {
    if (const auto chunk = parse_chunk_file_name(name)) files.push_back({*chunk, false});
    if (const auto part = parse_part_file_name(name)) files.push_back({*part, true});
  }
  std::sort(files.begin(), files.end(), comes_before);
  return files;
}

Result<ChunkFolder> ChunkStore::list() const {
  auto all = files();
  if (!all) return tl::unexpected(all.error());
  return ChunkFolder{folder_, without_overlaps(std::move(*all)), kept_, origin_};
}

Result<ChunkFolder> ChunkStore::list_committed() const {
  auto all = files();
  if (!all) return tl::unexpected(all.error());
  std::erase_if(*all, [](const ChunkFile& file) { return file.part; });
  return ChunkFolder{folder_, without_overlaps(std::move(*all)), kept_, origin_};
}

Result<ChunkFolder> ChunkStore::recover() const {
  // One that is salvaged may uncover another, so until there is none.
  for (;;) {
    auto folder = list();
    if (!folder) return folder;
    bool any = false;
    for (const ChunkFile& file : folder->files) {
      if (!file.part) continue;
      any = true;
      if (const auto salvaged = salvage(file.range); !salvaged) return tl::unexpected(salvaged.error());
    }
    if (!any) return folder;
  }
}

Result<Salvage> ChunkStore::salvage(const Chunk& part) const {
  const std::string path = folder_ + "/" + part_file_name(part);
  const auto there = is_there(path);
  if (!there) return tl::unexpected(there.error());
  if (!*there) return committed_from(part);
  RecordScan scan(folder_, kept_, origin_);
  const auto salvage = visit_complete(scan, part, [](const ScannedRecord&) {});
  if (!salvage) return salvage;
  const Chunk range{part.first, salvage->until};
  // A copy, not the file itself: a process that has it open may write on. What was committed first stays.
  const auto committed = is_there(this->path(range));
  if (!committed) return tl::unexpected(committed.error());
  if (!range.empty() && !*committed)
    if (auto copied = copy_complete(scan, part, range.last, this->path(range)); !copied)
      return tl::unexpected(copied.error());
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return refused("remove", path);
  return salvage;
}

Result<void> ChunkStore::salvage_within(const Chunk& range) const {
  const auto all = files();
  if (!all) return tl::unexpected(all.error());
  for (const ChunkFile& file : *all) {
    if (!file.part || file.range.last <= range.first || file.range.first >= range.last) continue;
    const auto salvaged = salvage(file.range);
    // Another run that has a part of it, too, may have been faster.
    const auto there = is_there(folder_ + '/' + part_file_name(file.range));
    if (!salvaged && there.value_or(true)) return tl::unexpected(salvaged.error());
  }
  return {};
}

/// What a worker committed of its chunk, should it have died before it could say so.
Result<Salvage> ChunkStore::committed_from(const Chunk& chunk) const {
  const auto all = files();
  if (!all) return tl::unexpected(all.error());
  const auto found = std::find_if(all->begin(), all->end(), [&chunk](const ChunkFile& file) {
    return !file.part && file.range.first == chunk.first && file.range.last <= chunk.last;
  });
  if (found == all->end()) return Salvage{.until = chunk.first};
  RecordScan scan(folder_, kept_, origin_);
  if (auto opened = scan.open(*found); !opened) return tl::unexpected(opened.error());
  Salvage committed{.until = found->range.last};
  while (const ScannedRecord* record = scan.next()) committed.failed += record->ok ? 0 : 1;
  if (auto whole = scan.finish(); !whole) return tl::unexpected(whole.error());
  return committed;
}

Result<std::vector<std::string>> ChunkStore::repair() {
  std::vector<std::string> notices;
  if (kept_fault_) {
    const auto notice = repair_kept();
    if (!notice) return tl::unexpected(notice.error());
    kept_fault_.reset();
    notices.push_back(*notice);
  }
  // Those that do not count as well: they may when others are set aside or salvaged.
  const auto all = files();
  if (!all) return tl::unexpected(all.error());
  RecordScan scan(folder_, kept_, origin_);
  for (const ChunkFile& file : *all) {
    if (file.part) continue;
    if (auto opened = scan.open(file); !opened) return tl::unexpected(opened.error());
    while (scan.next() != nullptr) {
    }
    const auto whole = scan.finish();
    if (whole) continue;
    const auto notice =
        repair(file.range, {whole.error().where.line, scan.intact_bytes(), scan.met_stranger()});
    if (!notice) return tl::unexpected(notice.error());
    notices.push_back(*notice);
  }
  return notices;
}

/// The file of kept records without those that are damaged.
Result<std::string> ChunkStore::repair_kept() const {
  LineReader lines;
  if (auto opened = lines.open(kept_path()); !opened) return tl::unexpected(opened.error());
  auto intact = AtomicFile::create(kept_path());
  if (!intact) return tl::unexpected(intact.error());
  uint64_t next = 0;
  for (std::string_view line; lines.next(line);) {
    const auto record = scan_record(line, RunPart::present);
    if (!record || record->index < next || !origin_.has(*record)) continue;
    next = record->index + 1;
    intact->append(line);
    intact->append("\n");
  }
  const std::string aside = kept_path() + ".damaged";
  (void)link(kept_path().c_str(), aside.c_str());  // for whoever wants to look; all that is intact goes on
  if (auto committed = intact->commit(); !committed) return tl::unexpected(committed.error());
  return kept_path() + kept_fault_->text() + "; it is set aside as " + aside +
         ", and the points whose records do not count run again";
}

std::string ChunkStore::Fault::text() const {
  return (is_stranger ? " has a record of another sweep at line " : " is damaged at line ") +
         std::to_string(line) + " (byte " + std::to_string(byte) + ")";
}

Result<std::string> ChunkStore::repair(const Chunk& range, const Fault& fault) const {
  RecordRuns runs(*this);
  if (auto added = add_intact(*this, range, origin_, runs); !added) return tl::unexpected(added.error());
  const std::string whole = path(range), aside = whole + ".damaged";
  // A run of the whole range takes the file's own name; others lie within it and count only once that is out
  // of the way.
  const bool complete = runs.pending() == range;
  if (complete) {
    unlink(aside.c_str());
    (void)link(whole.c_str(), aside.c_str());  // for whoever wants to look
  }
  if (auto ended = runs.end(); !ended) return tl::unexpected(ended.error());
  if (!complete && rename(whole.c_str(), aside.c_str()) != 0) return refused("set aside", whole);
  return whole + fault.text() + "; it is set aside as " + aside + ", and " +
         std::to_string(kept_.missing_in(range) - runs.records()) + " of its " +
         std::to_string(kept_.missing_in(range)) + " points run again";
}

Result<void> ChunkStore::commit_record(uint64_t index, std::string_view line) const {
  return write_file(path({index, index + 1}), line);
}

}  // namespace sweepd
