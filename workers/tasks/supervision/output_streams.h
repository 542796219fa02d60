// OutputStreams: what a command writes to its standard output and error, read into captures. Knows nothing of
// processes.
#pragma once

#include <poll.h>

#include <array>
#include <cstddef>
#include <span>

#include "runner/core/error.h"
#include "runner/platform/unique_fd.h"
#include "workers/tasks/supervision/capture.h"

namespace sweepd {

class OutputStreams {
 public:
  static constexpr size_t count = 2;

  /// The captures outlive this.
  static Result<OutputStreams> open(Capture& out, Capture& err);

  /// For the command.
  int write_end(size_t stream) const { return streams_[stream].write_end.get(); }

  /// Fills in what to poll(2) for.
  void prepare(std::span<pollfd, count> polled) const;
  /// Reads what poll(2) says is there; a stream that nobody holds any more is polled no longer.
  void read_ready(std::span<pollfd, count> polled);
  /// Reads no more than what the pipes hold now: a process left behind may go on writing for ever.
  void read_rest();
  /// From now on it shows where no process holds a stream any more. Until then a write end is open here, so
  /// that poll(2) does not wake for the hang-up just before a command's end.
  void notice_hang_ups();

 private:
  struct Stream {
    Capture* capture = nullptr;
    UniqueFd read_end;
    UniqueFd write_end;
  };
  static size_t read_once(const Stream& stream, size_t most);
  static constexpr size_t buffer_size = size_t{64} * 1024;  // what a pipe holds

  std::array<Stream, count> streams_;
};

}  // namespace sweepd
