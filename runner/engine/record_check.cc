#include "runner/engine/record_check.h"

#include <utility>

#include "runner/core/chunk_name.h"

namespace sweepd {
namespace {

std::string of_point(uint64_t index) { return " of point " + std::to_string(index); }

}  // namespace

RecordCheck::RecordCheck(const Sweep& sweep) : size_(sweep.size()), origin_(sweep), points_(sweep) {}

void RecordCheck::chunk_file(const std::string& chunks, const ChunkFile& file, const KeptPoints& kept) {
  if (!open(chunks + '/' + chunk_file_name(file.range))) return;
  uint64_t due = kept.next_missing(file.range.first);
  for (std::string_view line; lines_.next(line);) {
    const auto record = scan_record(line, RunPart::present);
    if (!record) {
      fault("this line is not a whole record");
      due = kept.next_missing(due + 1);  // whose place it has, as far as can be told
      continue;
    }
    if (record->index != due)
      fault("this is the record" + of_point(record->index) +
            (due < file.range.last ? ", where that" + of_point(due) + " is due"
                                   : ", a line too many for the file's name"));
    else if (is_of_its_point(*record))
      ++records_;
    due = kept.next_missing(record->index + 1);
  }
  if (due < file.range.last)
    fault("the file ends before the record" + of_point(due) + ", and by its name it has those up to " +
          std::to_string(file.range.last - 1));
  close();
}

void RecordCheck::kept_file(const std::string& path) {
  if (!open(path)) return;
  uint64_t next = 0;
  for (std::string_view line; lines_.next(line);) {
    const auto record = scan_record(line, RunPart::present);
    if (!record)
      fault("this line is not a whole record");
    else if (record->index < next)
      fault("the record" + of_point(record->index) + " stands behind that of a later one");
    else if (is_of_its_point(*record))
      ++records_;
    if (record) next = std::max(next, record->index + 1);
  }
  close();
}

void RecordCheck::archive(const std::string& path) {
  if (!open(path)) return;
  for (std::string_view line; lines_.next(line);)
    if (!scan_record(line, RunPart::present)) fault("this line is not a whole record");
  close();
}

bool RecordCheck::open(const std::string& path) {
  faults_of_file_ = 0;
  ++files_;
  const auto opened = lines_.open(path);
  if (!opened) faults_.push_back(opened.error());
  return opened.has_value();
}

void RecordCheck::close() {
  if (lines_.error())
    faults_.push_back(*lines_.error());
  else if (!lines_.tail().empty())
    fault("the last line has no end");
  if (faults_of_file_ > most_told)
    faults_.push_back(
        {"and " + std::to_string(faults_of_file_ - most_told) + " more in this file", {lines_.path(), 0, 0}});
}

bool RecordCheck::is_of_its_point(const ScannedRecord& record) {
  std::string what;
  if (!record.sweep.empty() && !origin_.has(record)) {
    what = "this record belongs to another sweep";
  } else if (record.index >= size_) {
    what = "this is the record" + of_point(record.index) + ", which the sweep does not have";
  } else {
    const PointFacts& facts = points_.at(record.index);
    if (record.id == text_of(facts.id) && record.params == facts.params_json) return true;
    what = "id or parameters are not those" + of_point(record.index);
  }
  fault(std::move(what));
  return false;
}

void RecordCheck::fault(std::string what) {
  if (++faults_of_file_ > most_told) return;
  faults_.push_back({std::move(what), {lines_.path(), static_cast<uint32_t>(lines_.line_number()), 0}});
}

}  // namespace sweepd
