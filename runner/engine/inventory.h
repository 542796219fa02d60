// Inventory: what a look at the names, sizes and times of a sweep directory's records and merged files shows.
// Taken when they are merged and kept in the manifest, it tells later, without reading them, that nobody has
// touched them since. Other times (as after a copy) say nothing of what is in the files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/core/error.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

class Inventory {
 public:
  /// Of the files in chunks/ that hold records, those half written left out.
  static Result<Inventory> of_chunks(const SweepDirectory& directory);

  /// And of what they were merged into: results.json and, where it is there, results.csv.
  Result<void> add_merged(const SweepDirectory& directory);

  /// Such as "12 files, 34567 bytes, 0123456789abcdef".
  std::string text() const;

 private:
  struct Entry {
    std::string name;
    uint64_t bytes = 0;
    int64_t modified_ns = 0;
  };
  Result<bool> add(int folder, const std::string& name, const std::string& path);

  std::vector<Entry> entries_;  // in order of name, once all are there
};

/// Whether records and merged files are as the merge that `manifest` tells of has left them.
bool is_as_merged(const SweepDirectory& directory, const Manifest& manifest);

}  // namespace sweepd
