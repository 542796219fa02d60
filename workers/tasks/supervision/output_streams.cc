#include "workers/tasks/supervision/output_streams.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "runner/platform/system_error.h"

namespace sweepd {

Result<OutputStreams> OutputStreams::open(Capture& out, Capture& err) {
  OutputStreams made;
  made.streams_[0].capture = &out;
  made.streams_[1].capture = &err;
  for (Stream& stream : made.streams_) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return refused("make a pipe for", "a command's output");
    stream.read_end.reset(ends[0]);
    stream.write_end.reset(ends[1]);
  }
  return made;
}

void OutputStreams::prepare(std::span<pollfd, count> polled) const {
  for (size_t i = 0; i < count; ++i) polled[i] = {streams_[i].read_end.get(), POLLIN, 0};
}

void OutputStreams::read_ready(std::span<pollfd, count> polled) {
  for (size_t i = 0; i < count; ++i) {
    if ((polled[i].revents & POLLIN) != 0) {
      read_once(streams_[i], buffer_size);
    } else if (polled[i].revents != 0) {
      polled[i].fd = -1;  // hung up: nobody holds it
    }
  }
}

void OutputStreams::read_rest() {
  for (const Stream& stream : streams_) {
    int left = 0;
    if (!stream.read_end || ioctl(stream.read_end.get(), FIONREAD, &left) != 0) continue;
    while (left > 0) {
      const size_t got = read_once(stream, static_cast<size_t>(left));
      if (got == 0) break;
      left -= static_cast<int>(got);
    }
  }
}

void OutputStreams::notice_hang_ups() {
  for (Stream& stream : streams_) stream.write_end.reset();
}

// The number of bytes read; 0 at the end.
size_t OutputStreams::read_once(const Stream& stream, size_t most) {
  std::array<char, buffer_size> bytes;
  ssize_t got = 0;
  do got = read(stream.read_end.get(), bytes.data(), std::min(most, bytes.size()));
  while (got < 0 && errno == EINTR);
  if (got <= 0) return 0;
  stream.capture->add({bytes.data(), static_cast<size_t>(got)});
  return static_cast<size_t>(got);
}

}  // namespace sweepd
