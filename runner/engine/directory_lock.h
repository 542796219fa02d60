// DirectoryLock: at most one run at a time in a sweep directory. A file `lock` says who; it is made by
// link(2) and taken away by rename(2), so it works where flock does not (NFS, Lustre).
#pragma once

#include <string>

#include "runner/core/error.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

class DirectoryLock {
 public:
  /// Fails, naming the holder, while another run holds the folder. A holder that is dead is taken over from:
  /// on this host, one whose process is gone; on another, one that has not renewed its lock for a minute.
  static Result<DirectoryLock> take(const std::string& folder);

  DirectoryLock(DirectoryLock&&) noexcept = default;
  DirectoryLock& operator=(DirectoryLock&&) noexcept;
  /// Gives the lock up, also where the folder has been renamed meanwhile.
  ~DirectoryLock();

  /// Says to other hosts that this run is alive; to be called more often than every minute.
  void renew() const;

 private:
  explicit DirectoryLock(UniqueFd folder) : folder_(std::move(folder)) {}
  void give_up();

  UniqueFd folder_;
};

}  // namespace sweepd
