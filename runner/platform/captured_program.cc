#include "runner/platform/captured_program.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "runner/platform/clock.h"
#include "runner/platform/system_error.h"

namespace sweepd {
namespace {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return refused("make", "a pipe");
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  // Of this end only: the program has a right to writes that wait.
  if (fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK) != 0) return refused("set up", "a pipe");
  return pipe;
}

// As execve(2) takes them; they point into `words`.
std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

Result<Child> start_program(const ProgramCall& call, int in_fd, int out_fd, int err_fd) {
  std::vector<std::string> words = {call.path};
  words.insert(words.end(), call.arguments.begin(), call.arguments.end());
  std::vector<std::string> environment = call.environment;
  return start_child({.path = call.path.c_str(),
                      .argv = pointers(words).data(),
                      .envp = pointers(environment).data(),
                      .in_fd = in_fd,
                      .out_fd = out_fd,
                      .err_fd = err_fd});
}

}  // namespace

CapturedProgram::CapturedProgram(Child child, Stream out, Stream err, const ProgramCall& call)
    : child_(std::move(child)),
      out_(std::move(out)),
      err_(std::move(err)),
      deadline_ns_(monotonic_ns() + static_cast<int64_t>(call.limit_s * 1e9)),
      most_bytes_(call.most_bytes) {}

Result<CapturedProgram> CapturedProgram::start(const ProgramCall& call) {
  const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null) return refused("open", "/dev/null");
  Result<Pipe> out = make_pipe();
  if (!out) return tl::unexpected(out.error());
  Result<Pipe> err = make_pipe();
  if (!err) return tl::unexpected(err.error());
  Result<Child> child = start_program(call, null.get(), out->write_end.get(), err->write_end.get());
  if (!child) return tl::unexpected(child.error());
  return CapturedProgram(std::move(*child), {std::move(out->read_end), {}}, {std::move(err->read_end), {}},
                         call);
}

void CapturedProgram::drain(Stream& stream) const {
  char bytes[16 * 1024];
  while (stream.fd) {
    const ssize_t count = read(stream.fd.get(), bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return stream.fd.reset();
    stream.text.append(bytes, std::min(static_cast<size_t>(count), most_bytes_ - stream.text.size()));
    // A program that prints without end must not keep us here.
    if (left_ns() <= 0) return;
  }
}

int64_t CapturedProgram::left_ns() const { return deadline_ns_ - monotonic_ns(); }

Result<CapturedEnd> CapturedProgram::finish(bool timed_out) {
  Result<ChildEnd> end = child_.reap();
  if (!end) return tl::unexpected(end.error());
  return CapturedEnd{*end, std::move(out_.text), std::move(err_.text), timed_out};
}

std::optional<Result<CapturedEnd>> CapturedProgram::poll() {
  // Before the streams: what the program wrote in its life is then taken, and nothing that others, who have
  // inherited its streams, may write for ever.
  pollfd ended{child_.pidfd(), POLLIN, 0};
  const bool has_ended = ::poll(&ended, 1, 0) == 1;
  drain(out_);
  drain(err_);
  if (has_ended) return finish(false);
  if (left_ns() > 0) return std::nullopt;
  child_.signal_group(SIGKILL);
  return finish(true);
}

Result<CapturedEnd> CapturedProgram::wait() {
  for (;;) {
    if (std::optional<Result<CapturedEnd>> outcome = poll()) return std::move(*outcome);
    // poll(2) leaves out descriptors of -1.
    pollfd awaited[] = {{child_.pidfd(), POLLIN, 0}, {out_.fd.get(), POLLIN, 0}, {err_.fd.get(), POLLIN, 0}};
    const int64_t wait_ms = std::clamp<int64_t>(left_ns() / 1'000'000 + 1, 0, 60'000);
    ::poll(awaited, std::size(awaited), static_cast<int>(wait_ms));
  }
}

}  // namespace sweepd
