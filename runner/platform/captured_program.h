// A program that is run for what it prints, within a time. Knows nothing of what the programs are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runner/core/error.h"
#include "runner/platform/child_process.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

struct CapturedEnd {
  ChildEnd end;
  std::string out;  ///< its standard output, as far as it was kept
  std::string err;
  bool timed_out = false;  ///< it was killed because its time was up
};

/// What to run. Standard input is empty.
struct ProgramCall {
  std::string path;                      ///< absolute
  std::vector<std::string> arguments;    ///< without the program's own name
  std::vector<std::string> environment;  ///< NAME=value
  double limit_s = 10;                   ///< then it is killed, with its process group
  size_t most_bytes = size_t{1} << 20;   ///< kept of each stream; the rest is read and dropped
};

/// A program under way. Destroying it kills the program.
class CapturedProgram {
 public:
  static Result<CapturedProgram> start(const ProgramCall& call);

  /// Takes what was printed so far without waiting for more. The outcome once the program has ended or was
  /// killed; to be called no more then.
  std::optional<Result<CapturedEnd>> poll();

  /// The same, but waits for the outcome.
  Result<CapturedEnd> wait();

 private:
  struct Stream {
    UniqueFd fd;  ///< none once it has ended
    std::string text;
  };

  CapturedProgram(Child child, Stream out, Stream err, const ProgramCall& call);
  void drain(Stream& stream) const;
  int64_t left_ns() const;
  Result<CapturedEnd> finish(bool timed_out);

  Child child_;
  Stream out_;
  Stream err_;
  int64_t deadline_ns_;
  size_t most_bytes_;
};

}  // namespace sweepd
