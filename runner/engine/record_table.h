// RecordTable: where in files the record of an id stands. It holds 32 bytes a record, not the records, and
// does not know what is made of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

class RecordTable {
 public:
  /// Adds all intact records of a file. Of records with one id the first that was added counts.
  Result<void> add(const std::string& path);
  /// To be called once all are added, before any is taken.
  void sort();

  uint64_t size() const { return entries_.size(); }
  uint64_t taken() const { return taken_; }

  /// Whether there is a record with this id that was not taken yet; reads it, without its newline, into
  /// `line`.
  Result<bool> take(std::string_view id, std::string& line);

  /// Whether the record of this id was taken.
  bool was_taken(std::string_view id) const;
  /// Whether the record of this id that counts is in another file than this.
  bool is_elsewhere(std::string_view id, const std::string& path) const;

 private:
  struct Entry {
    uint64_t key;     // the first 16 of an id's 20 digits; the whole id is compared when it is read
    uint64_t offset;  // of the line
    uint32_t length;  // without the newline
    uint32_t file;
    bool taken;
  };
  const Entry* find(uint64_t key) const;
  Result<void> read(const Entry& entry, std::string& line);

  std::vector<std::string> files_;
  std::vector<Entry> entries_;
  uint64_t taken_ = 0;
  UniqueFd open_file_;  // the last one read from: neighbours follow each other
  uint32_t open_number_ = ~uint32_t{0};
};

}  // namespace sweepd
