#include "runner/engine/record_stream.h"

#include "runner/core/chunk_name.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {

uint64_t ChunkFolder::points() const {
  uint64_t points = kept.size();
  for (const ChunkFile& file : files)
    if (!file.part) points += kept.missing_in(file.counted());
  return points;
}

std::vector<Chunk> ChunkFolder::ranges() const {
  std::vector<Chunk> ranges;
  for (const ChunkFile& file : files) ranges.push_back(file.counted());
  return ranges;
}

uint64_t count_intact(const ChunkFolder& folder) {
  LineReader lines;
  uint64_t count = folder.kept.size();  // those of damaged ones are not in it
  for (const ChunkFile& file : folder.files) {
    if (file.part) continue;
    if (!lines.open(folder.path + '/' + chunk_file_name(file.range))) continue;
    uint64_t next = file.counted().first;
    for (std::string_view line; lines.next(line);) {
      const auto record = scan_record(line, RunPart::present);
      if (!record || record->index < next || record->index >= file.range.last ||
          !folder.origin.has(*record) || folder.kept.next_missing(record->index) != record->index)
        continue;
      next = record->index + 1;
      ++count;
    }
  }
  return count;
}

RecordStream::RecordStream(const ChunkFolder& folder)
    : folder_(folder), scan_(folder.path, folder.kept, folder.origin) {
  if (!folder.kept.empty()) open_kept();
  advance_chunks();
}

void RecordStream::open_kept() {
  if (auto opened = kept_lines_.open(folder_.path + '/' + kept_file_name); !opened)
    return fail(opened.error());
  advance_kept();
}

bool RecordStream::is_gone(const ChunkFile& part) const {
  return !is_there(folder_.path + '/' + part_file_name(part.range)).value_or(true);
}

void RecordStream::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

void RecordStream::advance_kept() {
  kept_ = nullptr;
  std::string_view line;
  if (!kept_lines_.next(line)) {
    if (kept_lines_.error()) fail(*kept_lines_.error());
    return;
  }
  const auto record = scan_record(line, RunPart::present);
  if (!record)
    return fail({"this line is not a whole record; give 'sweepd run' again, which sets it aside",
                 {kept_lines_.path(), static_cast<uint32_t>(kept_lines_.line_number()), 0}});
  if (!folder_.origin.has(*record))
    return fail(not_of_this_sweep({kept_lines_.path(), static_cast<uint32_t>(kept_lines_.line_number()), 0}));
  kept_record_ = *record;
  kept_ = &kept_record_;
}

void RecordStream::advance_chunks() {
  chunk_ = next_file_ == 0 ? nullptr : scan_.next();
  while (chunk_ == nullptr) {
    if (next_file_ > 0 && scan_.is_open())
      if (const auto finished = scan_.finish(); !finished) return fail(finished.error());
    if (next_file_ == folder_.files.size()) return;
    const ChunkFile& file = folder_.files[next_file_++];
    const auto opened = scan_.open(file);
    // A file that was being written when the folder was looked at may have been committed since.
    if (!opened && !(file.part && is_gone(file))) return fail(opened.error());
    chunk_ = opened ? scan_.next() : nullptr;
  }
}

const ScannedRecord* RecordStream::next() {
  if (last_ != nullptr) last_ == kept_ ? advance_kept() : advance_chunks();
  last_ = nullptr;
  if (error_) return nullptr;
  const bool kept_is_due = kept_ != nullptr && (chunk_ == nullptr || kept_->index < chunk_->index);
  return last_ = kept_is_due ? kept_ : chunk_;
}

Result<void> RecordStream::finish() const {
  if (error_) return tl::unexpected(*error_);
  return {};
}

SourcePosition RecordStream::position() const {
  if (last_ != kept_) return scan_.position();
  return {kept_lines_.path(), static_cast<uint32_t>(kept_lines_.line_number()), 0};
}

}  // namespace sweepd
