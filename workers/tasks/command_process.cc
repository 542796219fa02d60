#include "workers/tasks/command_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>

namespace sweepd {
namespace {

using Clock = std::chrono::steady_clock;

// A pipe whose write end stays open here while the command runs: so poll(2) does not wake this process for
// the hang-up just before the command's end, only for bytes and for the end itself.
struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return failure("cannot make a pipe: " + std::generic_category().message(errno) +
                   "; raise the limit of open files (ulimit -n)");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// One output of the command.
struct Stream {
  Capture* capture = nullptr;
  Pipe pipe;
};

timespec as_timespec(Duration duration) {
  constexpr int64_t billion = 1'000'000'000;
  const int64_t count = std::max<int64_t>(duration.count(), 0);
  return {.tv_sec = count / billion, .tv_nsec = count % billion};
}

class Supervision {
 public:
  Supervision(Child& child, std::array<Stream, 2>& streams, const CommandLimits& limits)
      : child_(child), streams_(streams), limits_(limits) {
    if (limits.timeout) deadline_ = Clock::now() + *limits.timeout;
    // The end comes first: what poll(2) then says of the streams includes all that the command wrote.
    polled_[0] = {child.pidfd(), POLLIN, 0};
    for (size_t i = 0; i < streams.size(); ++i) polled_[i + 1] = {streams[i].pipe.read_end.get(), POLLIN, 0};
  }

  /// Returns when the command has ended and what it wrote has been read; whether it was stopped by the limit.
  bool watch() {
    while (!is_over()) {
      if (!wait_for_news()) {
        on_deadline();
      } else if (polled_[0].revents != 0) {
        on_end();
      } else {
        read_ready_streams();
      }
    }
    if (phase_ != Phase::running) child_.signal_group(SIGKILL);
    return phase_ != Phase::running;
  }

 private:
  enum class Phase { running, told_to_end, killed };

  // After the limit, what the command started gets its grace as well, as long as it holds an output.
  bool is_over() const {
    if (!has_ended_) return false;
    const bool is_held = polled_[1].fd >= 0 || polled_[2].fd >= 0;
    return phase_ != Phase::told_to_end || !is_held;
  }

  // False when the time is over.
  bool wait_for_news() {
    for (;;) {
      timespec left{};
      if (deadline_) left = as_timespec(*deadline_ - Clock::now());
      const int ready = ppoll(polled_.data(), polled_.size(), deadline_ ? &left : nullptr, nullptr);
      if (ready >= 0) return ready > 0;
      if (errno != EINTR) return true;  // cannot happen: the descriptors are valid
    }
  }

  void on_deadline() {
    if (phase_ == Phase::running) {
      phase_ = Phase::told_to_end;
      deadline_ = Clock::now() + limits_.grace;
      for (Stream& stream : streams_) stream.pipe.write_end.reset();  // from now on hang-ups count
      child_.signal_group(SIGTERM);
    } else {
      phase_ = Phase::killed;
      deadline_.reset();
      child_.signal_group(SIGKILL);
    }
  }

  void on_end() {
    has_ended_ = true;
    polled_[0] = {-1, 0, 0};
    for (size_t i = 0; i < streams_.size(); ++i)
      if ((polled_[i + 1].revents & POLLIN) != 0) read_what_is_there(streams_[i]);
  }

  void read_ready_streams() {
    for (size_t i = 0; i < streams_.size(); ++i) {
      pollfd& polled = polled_[i + 1];
      if ((polled.revents & POLLIN) != 0) {
        read_once(streams_[i], buffer_size);
      } else if (polled.revents != 0) {
        polled.fd = -1;  // hung up: nobody holds it
      }
    }
  }

  // No more than the pipe holds now: a process left behind may go on writing for ever.
  static void read_what_is_there(Stream& stream) {
    int left = 0;
    if (ioctl(stream.pipe.read_end.get(), FIONREAD, &left) != 0) return;
    while (left > 0) {
      const size_t count = read_once(stream, static_cast<size_t>(left));
      if (count == 0) return;
      left -= static_cast<int>(count);
    }
  }

  // The number of bytes read; 0 at the end.
  static size_t read_once(Stream& stream, size_t most) {
    std::array<char, buffer_size> bytes;
    ssize_t count = 0;
    do count = read(stream.pipe.read_end.get(), bytes.data(), std::min(most, bytes.size()));
    while (count < 0 && errno == EINTR);
    if (count <= 0) return 0;
    stream.capture->add({bytes.data(), static_cast<size_t>(count)});
    return static_cast<size_t>(count);
  }

  static constexpr size_t buffer_size = size_t{64} * 1024;  // what a pipe holds

  Child& child_;
  std::array<Stream, 2>& streams_;
  const CommandLimits& limits_;
  std::array<pollfd, 3> polled_{};
  std::optional<Clock::time_point> deadline_;
  Phase phase_ = Phase::running;
  bool has_ended_ = false;
};

}  // namespace

Result<CommandEnd> run_command(ChildSpec spec, const CommandLimits& limits, int null_fd, Capture* out,
                               Capture& err) {
  std::array<Stream, 2> streams{Stream{out, {}}, Stream{&err, {}}};
  for (Stream& stream : streams) {
    if (stream.capture == nullptr) continue;
    Result<Pipe> pipe = make_pipe();
    if (!pipe) return tl::unexpected(pipe.error());
    stream.pipe = std::move(*pipe);
  }
  spec.out_fd = out == nullptr ? null_fd : streams[0].pipe.write_end.get();
  spec.err_fd = streams[1].pipe.write_end.get();
  Result<Child> child = start_child(spec);
  if (!child) return tl::unexpected(child.error());
  const bool timed_out = Supervision(*child, streams, limits).watch();
  const Result<ChildEnd> end = child->reap();
  if (!end) return tl::unexpected(end.error());
  return CommandEnd{*end, timed_out};
}

}  // namespace sweepd
