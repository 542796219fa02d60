// RecordCheck: reads a file of records line by line and tells each that is not what it should be. Unlike
// RecordScan, which ends at the first, it goes on to the file's end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/kept_points.h"
#include "runner/core/point_facts.h"
#include "runner/engine/record_scan.h"

namespace sweepd {

class RecordCheck {
 public:
  explicit RecordCheck(const Sweep& sweep);

  /// A chunk file in the folder `chunks`, with the records of its range but for those of `kept`.
  void chunk_file(const std::string& chunks, const ChunkFile& file, const KeptPoints& kept);
  /// The file of kept points: whatever points it has, in order.
  void kept_file(const std::string& path);
  /// Lines that have to be intact, and no more.
  void archive(const std::string& path);

  uint64_t files() const { return files_; }
  uint64_t records() const { return records_; }
  const std::vector<Error>& faults() const { return faults_; }

 private:
  /// The faults of a file beyond these are counted only.
  static constexpr uint64_t most_told = 20;

  bool open(const std::string& path);
  void close();
  bool is_of_its_point(const ScannedRecord& record);
  void fault(std::string what);

  uint64_t size_;
  RecordOrigin origin_;
  PointFactsReader points_;
  LineReader lines_;
  uint64_t files_ = 0;
  uint64_t records_ = 0;
  uint64_t faults_of_file_ = 0;
  std::vector<Error> faults_;
};

}  // namespace sweepd
