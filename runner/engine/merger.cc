#include "runner/engine/merger.h"

#include <utility>

#include "runner/core/record.h"
#include "runner/core/task_traits.h"

namespace sweepd {
namespace {

constexpr const char* merged_name = "results.json";
constexpr const char* csv_name = "results.csv";

// A list of nothing stays on its line. The bracket that closes it comes with what follows.
class ListWriter {
 public:
  ListWriter(AtomicFile& file, std::string_view opening) : file_(file) { file_.append(opening); }
  ~ListWriter() {
    if (!is_empty_) file_.append("\n");
  }
  ListWriter(const ListWriter&) = delete;
  ListWriter& operator=(const ListWriter&) = delete;

  void append(std::string_view row) {
    file_.append(is_empty_ ? "\n" : ",\n");
    file_.append(row);
    is_empty_ = false;
  }

 private:
  AtomicFile& file_;
  bool is_empty_ = true;
};

}  // namespace

Merger::Merger(const Sweep& sweep, AtomicFile merged)
    : sweep_(&sweep), have_codes_(traits_of(sweep.task).program != nullptr), merged_(std::move(merged)) {
  merged_.append(merged_header(sweep, {}));
  if (!sweep.reduce.empty()) reducer_.emplace(sweep.reduce);
  if (traits_of(sweep.task).leads_gangs) scaling_.emplace();
}

Result<Merger> Merger::create(const Sweep& sweep, const SweepDirectory& directory) {
  const std::string& staging = directory.staging().path();
  Result<AtomicFile> merged = AtomicFile::create(directory.file(merged_name), staging);
  if (!merged) return tl::unexpected(merged.error());
  Merger merger(sweep, std::move(*merged));
  if (!sweep.output.csv) return merger;
  Result<CsvFile> csv = CsvFile::create(directory.file(csv_name), staging, sweep.space->columns());
  if (!csv) return tl::unexpected(csv.error());
  merger.csv_ = std::move(*csv);
  return merger;
}

Result<void> Merger::add(RecordStream& records) {
  constexpr uint64_t call_every = uint64_t{1} << 16;  // records
  while (const ScannedRecord* record = records.next()) {
    if (Result<void> added = add(*record, records); !added) return added;
    if (meanwhile_ && counts_.records() % call_every == 0) meanwhile_();
  }
  if (Result<void> finished = records.finish(); !finished) return finished;
  // A full disk is told now and not after all other files.
  if (merged_.error()) return tl::unexpected(*merged_.error());
  return {};
}

Result<void> Merger::add(const ScannedRecord& record, const RecordStream& records) {
  if (record.index >= sweep_->size())
    return failure("there is a record of point " + std::to_string(record.index) + ", but the sweep has " +
                       std::to_string(sweep_->size()) + " points; the file belongs to another sweep",
                   records.position());
  if (counts_.records() > 0) merged_.append("},\n");
  merged_.append(record.core);
  ++(record.ok ? counts_.ok : counts_.failed);
  if (have_codes_) count_code(code_in(record.text));
  return wants_values() ? add_values(record, records) : Result<void>{};
}

void Merger::count_code(uint32_t number) {
  constexpr uint32_t most = 1 << 20;  // a manifest has fewer
  if (number >= most) return;
  if (number >= of_code_.size()) of_code_.resize(number + 1);
  ++of_code_[number];
}

Result<void> Merger::add_values(const ScannedRecord& record, const RecordStream& records) {
  const bool is_whole = (!reducer_ || reducer_->add(record)) && (!csv_ || csv_->add(record)) &&
                        (!scaling_ || scaling_->add(record));
  if (is_whole) return {};
  return failure("the JSON of this record is damaged; remove the file and its points are run again",
                 records.position());
}

void Merger::append_lists(MergeOutcome& outcome) {
  if (counts_.records() > 0) merged_.append("}\n");
  {
    ListWriter rows(merged_, "],\"reduced\":[");
    if (reducer_)
      reducer_->write_rows([&](std::string_view row) {
        rows.append(row);
        if (outcome.reduced.total++ < rows_kept) outcome.reduced.rows.emplace_back(row);
      });
  }
  if (scaling_) {
    ListWriter rows(merged_, "],\"scaling\":[");
    outcome.scaling = scaling_->tables();
    for (const std::string& table : outcome.scaling) rows.append(table);
  }
  merged_.append("]}\n");
}

Result<void> Merger::check_overwrite() const {
  if (counts_.records() == sweep_->size()) return {};
  const Result<MergedFile> present = MergedFile::open(merged_.path());
  if (!present || !present->is_complete() || present->fingerprint() != sweep_->fingerprint()) return {};
  return failure(
      "holds the records of every point already, and only " + std::to_string(counts_.records()) + " of " +
          std::to_string(sweep_->size()) +
          " are in chunks/ now; it is left as it is; give 'sweepd run' again, which runs the others",
      {merged_.path(), 0, 0});
}

Result<MergeOutcome> Merger::finish() {
  if (Result<void> allowed = check_overwrite(); !allowed) return tl::unexpected(allowed.error());
  MergeOutcome outcome;
  outcome.counts = counts_;
  outcome.of_code = of_code_;
  outcome.complete = counts_.records() == sweep_->size();
  append_lists(outcome);
  if (reducer_) outcome.warnings = reducer_->warnings();
  const Result<void> patched = merged_.patch(0, merged_header(*sweep_, counts_));
  if (!patched) return tl::unexpected(patched.error());
  if (csv_) {
    // Before results.json, so that whoever sees that one finds this one.
    const Result<void> finished = csv_->finish(merged_.temporary_path());
    if (!finished) return tl::unexpected(finished.error());
    if (csv_->is_cut())
      outcome.warnings.push_back(
          "results.csv: the results have too many different fields; those "
          "past " +
          std::to_string(RecordColumns::max_fields) + " are in results.json only");
  }
  if (const Result<void> committed = merged_.commit(); !committed) return tl::unexpected(committed.error());
  return outcome;
}

}  // namespace sweepd
