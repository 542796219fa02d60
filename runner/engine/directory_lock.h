// DirectoryLock: at most one run at a time may change what a sweep directory's results are of. It is a file
// `lock.TOKEN`, which says nothing but whose it is. Of several such files only those count whose run has a
// folder and may live; everyone shows its own before it looks for others, so that of two at least one sees
// the other. Nobody touches another's but that of a run whose folder is gone, which never comes back.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"
#include "runner/engine/run_identity.h"
#include "runner/engine/staging.h"
#include "runner/engine/sweep_directory.h"

namespace sweepd {

struct LockAttempt;

class DirectoryLock {
 public:
  /// Takes it where it is free, and clears what dead runs have left. It is free where no run has it that
  /// lives or may be alive. `directory` has a staging folder.
  static Result<LockAttempt> attempt(const SweepDirectory& directory);

  DirectoryLock(DirectoryLock&&) noexcept = default;
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  /// Gives the lock up.
  ~DirectoryLock();

  /// Gives it up and says whether it was this run's until now: what was done under it is valid.
  bool release();

 private:
  explicit DirectoryLock(std::shared_ptr<Staging> staging) : staging_(std::move(staging)) {}

  std::shared_ptr<Staging> staging_;
};

/// Who has the lock.
struct LockHolder {
  std::vector<RunIdentity> identity{};  ///< at most one; none where it is not known yet
  std::string token;                    ///< empty where it is not known
  int64_t renewed_ns = 0;               ///< changes while it lives
  bool lives = false;                   ///< else it may
};

/// Either has the lock, or says who has.
struct LockAttempt {
  std::optional<DirectoryLock> lock{};
  LockHolder holder{};
};

/// The name of a run's lock.
std::string lock_name(std::string_view token);

/// Whether a file of this name is a lock, also of earlier versions of sweepd.
bool is_lock_name(std::string_view name);

/// That this run's folder is gone: another believed it dead. The same command can be given again.
Error taken_over(const std::string& folder);

/// That other runs work in the folder; none where it is not known who.
Error in_use(const std::string& folder, const std::vector<RunIdentity>& runs);

}  // namespace sweepd
