#include "runner/engine/chunk_store.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "runner/core/chunk_name.h"
#include "runner/engine/record_scan.h"
#include "runner/platform/atomic_file.h"
#include "runner/platform/patience.h"
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
  RecordRuns(const ChunkStore& store, const SweepDirectory& directory)
      : store_(store), directory_(directory) {}

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
    auto written = write_file(store_.path(range_), directory_.staging().path(), text_);
    text_.clear();
    return written;
  }
  /// The run that end() will write.
  const Chunk& pending() const { return range_; }
  uint64_t records() const { return records_; }

 private:
  const ChunkStore& store_;
  const SweepDirectory& directory_;
  Chunk range_;
  std::string text_;
  uint64_t records_ = 0;
};

/// Calls `visit` for the part file's complete records, up to the first that is torn or not due.
Result<Salvage> visit_complete(RecordScan& scan, const ChunkFile& part,
                               const std::function<void(const ScannedRecord&)>& visit) {
  if (auto opened = scan.open(part); !opened) return tl::unexpected(opened.error());
  Salvage salvage{.until = part.range.first};
  while (const ScannedRecord* record = scan.next()) {
    visit(*record);
    salvage.until = scan.until();
    if (!record->ok) ++salvage.failed;
  }
  return salvage;
}

/// Copies the complete records of a part file, those before `until`, to the file `path`.
Result<void> copy_complete(RecordScan& scan, const ChunkFile& part, uint64_t until, const std::string& path,
                           const std::string& staging) {
  auto copy = AtomicFile::create(path, staging);
  if (!copy) return tl::unexpected(copy.error());
  const auto copied = visit_complete(scan, part, [&copy, until](const ScannedRecord& record) {
    if (record.index >= until) return;  // of a process that is still writing
    copy->append(record.text);
    copy->append("\n");
  });
  if (!copied) return tl::unexpected(copied.error());
  return copy->commit();
}

/// The files in a folder whose names say a range.
template <typename Parse>
Result<std::vector<ChunkFile>> files_in(const std::string& folder, Parse parse, const ChunkFile& kind) {
  const auto names = names_in_folder(folder);
  if (!names) return tl::unexpected(names.error());
  std::vector<ChunkFile> files;
  for (const std::string& name : *names)
    if (const auto range = parse(name)) {
      files.push_back(kind);
      files.back().range = *range;
    }
  return files;
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

Result<ChunkStore> ChunkStore::open(const SweepDirectory& directory, RecordOrigin origin) {
  ChunkStore store(directory, std::move(origin));
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

Result<std::vector<ChunkFile>> ChunkStore::committed_files() const {
  if (directory_.has_entered()) forget_listing(folder_);  // commands that only read change nothing
  auto files = files_in(folder_, parse_chunk_file_name, {});
  if (files) std::sort(files->begin(), files->end(), comes_before);
  return files;
}

/// Of all runs: those that work, and those that are dead.
Result<std::vector<ChunkFile>> ChunkStore::part_files() const {
  auto parts = files_in(folder_, parse_part_file_name, {.range = {}, .part = true, .folder = folder_});
  const auto names = directory_.names();
  if (!parts || !names) return tl::unexpected(parts ? names.error() : parts.error());
  for (const std::string& name : *names) {
    if (staging_token(name).empty()) continue;
    const std::string folder = directory_.file(name);
    const auto found = files_in(folder, parse_part_file_name, {.range = {}, .part = true, .folder = folder});
    // One that is gone by now has ended.
    if (found) parts->insert(parts->end(), found->begin(), found->end());
  }
  return parts;
}

Result<ChunkFolder> ChunkStore::list() const {
  // Parts first: one that is committed meanwhile is seen twice, and not never.
  auto all = part_files();
  auto committed = committed_files();
  if (!all || !committed) return tl::unexpected(all ? committed.error() : all.error());
  all->insert(all->end(), committed->begin(), committed->end());
  std::sort(all->begin(), all->end(), comes_before);
  return ChunkFolder{folder_, without_overlaps(std::move(*all)), kept_, origin_};
}

Result<ChunkFolder> ChunkStore::list_committed() const {
  auto all = committed_files();
  if (!all) return tl::unexpected(all.error());
  return ChunkFolder{folder_, without_overlaps(std::move(*all)), kept_, origin_};
}

Result<ChunkFolder> ChunkStore::recover() const {
  for (const std::string& folder : {directory_.staging().path(), folder_}) {
    const auto parts = files_in(folder, parse_part_file_name, {});
    if (!parts) return tl::unexpected(parts.error());
    for (const ChunkFile& part : *parts)
      if (const auto salvaged = salvage_in(folder, part.range); !salvaged)
        return tl::unexpected(salvaged.error());
  }
  return list_committed();
}

Result<Salvage> ChunkStore::salvage(const Chunk& part) const {
  return salvage_in(directory_.staging().path(), part);
}

Result<Salvage> ChunkStore::salvage_in(const std::string& folder, const Chunk& part) const {
  const std::string path = folder + "/" + part_file_name(part);
  const auto there = is_there(path);
  if (!there) return tl::unexpected(there.error());
  if (!*there) return committed_from(part);
  keep_alive();
  RecordScan scan(folder_, kept_, origin_);
  const ChunkFile file{.range = part, .part = true, .folder = folder};
  const auto salvage = visit_complete(scan, file, [](const ScannedRecord&) {});
  if (!salvage) return salvage;
  const Chunk range{part.first, salvage->until};
  // What was committed first stays.
  const auto committed = is_there(this->path(range));
  if (!committed) return tl::unexpected(committed.error());
  if (!range.empty() && !*committed)
    if (auto copied = copy_complete(scan, file, range.last, this->path(range), directory_.staging().path());
        !copied)
      return tl::unexpected(copied.error());
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return refused("remove", path);
  return salvage;
}

/// Long looks at many files are no silence.
void ChunkStore::keep_alive() const { directory_.staging().keep_alive(); }

/// What a worker committed of its chunk, should it have died before it could say so.
Result<Salvage> ChunkStore::committed_from(const Chunk& chunk) const {
  const auto all = committed_files();
  if (!all) return tl::unexpected(all.error());
  const auto found = std::find_if(all->begin(), all->end(), [&chunk](const ChunkFile& file) {
    return file.range.first == chunk.first && file.range.last <= chunk.last;
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
  const auto all = committed_files();
  if (!all) return tl::unexpected(all.error());
  RecordScan scan(folder_, kept_, origin_);
  for (const ChunkFile& file : *all) {
    keep_alive();
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
  auto intact = AtomicFile::create(kept_path(), directory_.staging().path());
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
  RecordRuns runs(*this, directory_);
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
  if (!complete)
    if (auto moved = directory_.staging().move(whole, aside); !moved) return tl::unexpected(moved.error());
  return whole + fault.text() + "; it is set aside as " + aside + ", and " +
         std::to_string(kept_.missing_in(range) - runs.records()) + " of its " +
         std::to_string(kept_.missing_in(range)) + " points run again";
}

Result<void> ChunkStore::commit_record(uint64_t index, std::string_view line) const {
  return write_file(path({index, index + 1}), directory_.staging().path(), line);
}

}  // namespace sweepd
