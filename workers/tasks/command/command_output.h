// CommandOutput: what a command printed, and the result that is made of it.
#pragma once

#include <cstddef>
#include <string>

#include "runner/core/task.h"
#include "workers/tasks/supervision/capture.h"
#include "workers/tasks/task.h"

namespace sweepd {

/// Of standard error, and of standard output as text: bytes kept of the beginning and of the end.
inline constexpr size_t capture_half = size_t{32} * 1024;
/// Standard output read as JSON may be this long; it is not cut.
inline constexpr size_t max_json_output = size_t{16} * 1024 * 1024;
/// Of standard output, where a command fails: many programs say there why.
inline constexpr size_t stdout_end = size_t{4} * 1024;

class CommandOutput {
 public:
  explicit CommandOutput(ResultKind kind);

  void clear();
  Capture& out() { return out_; }
  Capture& err() { return err_; }

  /// Appends the result of a command that succeeded; what is no result is a failure in `outcome`.
  void take_result(std::string& result, Outcome& outcome) const;
  /// Adds what was printed to a failure.
  void explain(Failure& failure) const;

 private:
  void take_json(std::string& result, Outcome& outcome) const;

  const ResultKind kind_;
  Capture out_;
  Capture err_;
};

}  // namespace sweepd
