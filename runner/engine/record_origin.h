// RecordOrigin: tells the records of one sweep from those of others.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runner/core/error.h"
#include "runner/core/point_facts.h"

namespace sweepd {

struct ScannedRecord;

class RecordOrigin {
 public:
  /// Any sweep.
  RecordOrigin() = default;
  /// The sweep of this fingerprint. A record without a mark, as earlier versions wrote them, may be of it.
  explicit RecordOrigin(std::string_view fingerprint);
  /// The same; a record without a mark has to have the id of its point. `sweep` outlives it.
  explicit RecordOrigin(const Sweep& sweep);

  bool has(const ScannedRecord& record) const;

 private:
  std::string mark_;
  std::shared_ptr<PointFactsReader> points_;
  uint64_t size_ = 0;  // of points_
};

/// What readers say of a record that is not of the sweep they read.
Error not_of_this_sweep(SourcePosition where);

}  // namespace sweepd
