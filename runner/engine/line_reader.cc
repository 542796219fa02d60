#include "runner/engine/line_reader.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "runner/platform/patience.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

// Large enough that system calls cost little, small enough to stay in a core's own cache.
constexpr size_t first_capacity = size_t{256} << 10;

}  // namespace

LineReader::LineReader()
    : capacity_(first_capacity),
      buffer_(new char[first_capacity + padding]),
      at_(buffer_.get()),
      end_(buffer_.get()) {}

Result<void> LineReader::open(std::string path) {
  path_ = std::move(path);
  at_ = end_ = buffer_.get();
  line_number_ = 0;
  next_offset_ = dropped_ = 0;
  error_.reset();
  fd_.reset();
  auto file = open_trusted(path_);
  if (!file) return tl::unexpected(file.error());
  fd_ = std::move(*file);
  return {};
}

bool LineReader::next(std::string_view& line) {
  for (;;) {
    if (const void* newline = std::memchr(at_, '\n', static_cast<size_t>(end_ - at_))) {
      const char* const end = static_cast<const char*>(newline);
      line = {at_, static_cast<size_t>(end - at_)};
      at_ = end + 1;
      ++line_number_;
      next_offset_ += line.size() + 1 + std::exchange(dropped_, 0);
      return true;
    }
    if (!refill()) return false;
  }
}

// All but a NUL in its place.
void LineReader::drop_begun_line() {
  dropped_ += static_cast<size_t>(end_ - at_) - 1;
  buffer_[0] = '\0';
  at_ = buffer_.get();
  end_ = at_ + 1;
}

// Moves the begun line to the front; doubles the buffer where that line fills it.
void LineReader::make_room() {
  const auto begun = static_cast<size_t>(end_ - at_);
  const bool is_hopeless =
      begun >= max_line_bytes || (begun == capacity_ && std::memchr(at_, 0, begun) != nullptr);
  if (is_hopeless) drop_begun_line();
  const auto kept = static_cast<size_t>(end_ - at_);
  if (kept == capacity_) {
    std::unique_ptr<char[]> larger(new char[2 * capacity_ + padding]);
    std::memcpy(larger.get(), at_, kept);
    buffer_ = std::move(larger);
    capacity_ *= 2;
  } else {
    std::memmove(buffer_.get(), at_, kept);
  }
  at_ = buffer_.get();
  end_ = at_ + kept;
}

// A file server's client may open what it remembers, and find out only when it is read that it was replaced.
ssize_t LineReader::read_some(char* to, size_t room) {
  const bool is_begun = next_offset_ != 0 || dropped_ != 0 || to != buffer_.get();
  for (Patience patience;;) {
    const ssize_t count = ::read(fd_.get(), to, room);
    if (count < 0 && errno == EINTR) continue;
    if (count >= 0 || errno != ESTALE || is_begun || !patience.wait()) return count;
    if (auto file = open_trusted(path_)) fd_ = std::move(*file);
  }
}

bool LineReader::refill() {
  if (error_) return false;
  make_room();
  char* const to = buffer_.get() + (end_ - at_);
  const ssize_t count = read_some(to, capacity_ - static_cast<size_t>(end_ - at_));
  if (count < 0) error_ = system_error("read", path_, errno);
  if (count > 0) end_ += count;
  return count > 0;
}

}  // namespace sweepd
