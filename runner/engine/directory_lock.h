// DirectoryLock: at most one run at a time in a sweep directory. A file `lock` says who; it is made by
// link(2), or O_EXCL where there are no hard links, and taken away by rename(2), so it works where flock does
// not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/core/error.h"
#include "runner/engine/run_identity.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

struct LockAttempt;

class DirectoryLock {
 public:
  /// Takes it where it is free. It is, too, where its holder is dead: one whose process would be seen from
  /// here and is gone; else (another host, another container) one that has not renewed its lock for a minute.
  static Result<LockAttempt> attempt(const std::string& folder);

  /// The same, but fails, naming the holder, while another run holds the folder.
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

/// Either has the lock, or says who has it, if that can be read already.
struct LockAttempt {
  std::optional<DirectoryLock> lock;
  std::vector<RunIdentity> holder;  ///< at most one
};

/// That other runs work in the folder; none where it is not known who.
Error in_use(const std::string& folder, const std::vector<RunIdentity>& runs);

}  // namespace sweepd
