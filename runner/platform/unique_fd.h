// UniqueFd: one owner for one file descriptor. It does not know what the descriptor stands for.
#pragma once

#include <unistd.h>

#include <utility>

namespace sweepd {

/// Closes what it holds. Movable, not copyable; -1 means "holds nothing".
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

  /// Gives the descriptor away: the caller closes it.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

  /// Closes what is held, then holds `fd`. A failing close() is not reported: where the loss of written bytes
  /// matters, fsync() comes first. Linux releases the number even on EINTR, so close() is never repeated.
  void reset(int fd = -1) noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace sweepd
