// Complaints: everything found wrong with one sweep file, collected while reading goes on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "configs/sweep_file.h"
#include "configs/yaml_events.h"

namespace sweepd {

class Complaints {
 public:
  /// More than this many are counted, not kept: a list of a million bad points is told in a page.
  static constexpr size_t most_kept = 100;

  /// `file`: what positions without a file name mean.
  explicit Complaints(std::string file) : file_(std::move(file)) {}

  /// Control characters in the message are written as escapes, and what is left of a character that was cut
  /// in two goes: a message cites pieces of the user's text.
  void add(Mark where, std::string message) { add(Error{std::move(message), position(where)}); }
  void add(Error error);

  SourcePosition position(Mark where) const { return {file_, where.line, where.column}; }
  const std::string& file() const { return file_; }
  bool empty() const { return errors_.empty(); }
  size_t count() const { return errors_.size() + dropped_; }

  /// In order of position, those of the sweep file before those of the files it names.
  Errors sorted() &&;

 private:
  std::string file_;
  Errors errors_;
  size_t dropped_ = 0;
};

}  // namespace sweepd
