#include "runner/engine/record_origin.h"

#include <utility>

#include "runner/core/record.h"
#include "runner/engine/record_scan.h"

namespace sweepd {

RecordOrigin::RecordOrigin(std::string_view fingerprint) : mark_(sweep_mark(fingerprint)) {}

RecordOrigin::RecordOrigin(const Sweep& sweep)
    : mark_(sweep_mark(sweep.fingerprint())),
      points_(std::make_shared<PointFactsReader>(sweep)),
      size_(sweep.size()) {}

bool RecordOrigin::has(const ScannedRecord& record) const {
  if (mark_.empty()) return true;
  if (!record.sweep.empty()) return record.sweep == mark_;
  if (points_ == nullptr) return true;
  return record.index < size_ && record.id == text_of(points_->at(record.index).id);
}

Error not_of_this_sweep(SourcePosition where) {
  return Error{
      "this record belongs to another sweep; 'sweepd run' sets the file aside and runs its points again",
      std::move(where)};
}

}  // namespace sweepd
