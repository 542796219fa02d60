// DirectoryLock: at most one run at a time in a sweep directory. A file `lock` says who; it is made by
// link(2), or O_EXCL where there are no hard links, and taken away by rename(2), so it works where flock does
// not.
#pragma once

#include <string>

#include "runner/core/error.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

class DirectoryLock {
 public:
  /// Fails, naming the holder, while another run holds the folder. A holder that is dead is taken over from:
  /// one whose process would be seen from here and is gone; else (another host, another container) one that
  /// has not renewed its lock for a minute.
  static Result<DirectoryLock> take(const std::string& folder);

  DirectoryLock(DirectoryLock&&) noexcept = default;
  DirectoryLock& operator=(DirectoryLock&&) noexcept;
  /// Gives the lock up, also where the folder has been renamed meanwhile.
  ~DirectoryLock();

  /// Says to other hosts that this run is alive; to be called more often than every minute. False where the
  /// lock is not this run's any more: it was silent for too long (stopped, its file server gone) and another
  /// took over, so that it must not write any more.
  bool renew() const;

 private:
  DirectoryLock(UniqueFd folder, std::string text) : folder_(std::move(folder)), text_(std::move(text)) {}
  void give_up();
  bool is_ours() const;

  UniqueFd folder_;
  std::string text_;  ///< of the lock file
};

}  // namespace sweepd
