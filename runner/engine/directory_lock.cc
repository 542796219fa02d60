#include "runner/engine/directory_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <random>
#include <utility>

#include "runner/engine/takeover.h"
#include "runner/platform/clock.h"
#include "runner/platform/system_error.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

constexpr std::string_view lock_prefix = "lock.";
constexpr std::string_view earlier_lock = "lock";  // of earlier versions of sweepd; it is renewed itself

std::string_view lock_token(std::string_view name) {
  if (!name.starts_with(lock_prefix)) return {};
  name.remove_prefix(lock_prefix.size());
  return is_token(name) ? name : std::string_view{};
}

std::string lock_path(const Staging& staging) {
  const std::string& path = staging.path();
  return path.substr(0, path.rfind('/') + 1) + std::string(lock_prefix) + staging.token();
}

/// Where it lies while it is not shown.
std::string hidden_path(const Staging& staging) { return staging.path() + "/lock"; }

/// All other runs, as one listing shows them.
struct Rivals {
  std::optional<LockHolder> holder;
  std::vector<std::string> dead;     ///< tokens of runs that have a folder
  std::vector<std::string> garbage;  ///< names of locks of runs that have none
};

class Look {
 public:
  explicit Look(const SweepDirectory& directory) : directory_(directory) {}

  Result<Rivals> look() {
    const auto names = directory_.names();
    if (!names) return tl::unexpected(names.error());
    for (const std::string& name : *names) {
      if (const auto token = staging_token(name); !token.empty()) note_run(token);
      if (const auto token = lock_token(name); !token.empty()) note_lock(name, token);
      if (is_unnamed_staging(name) && is_old(name)) rivals_.garbage.push_back(name);
      if (name != earlier_lock) continue;
      if (auto noted = note_earlier_lock(); !noted) return tl::unexpected(noted.error());
    }
    return std::move(rivals_);
  }

 private:
  OtherRun run_of(std::string_view token) const {
    return look_at_run(directory_.path(), token, directory_.staging().renewed_ns());
  }

  /// Of a run that died before its folder had its name.
  bool is_old(const std::string& name) const {
    struct stat status {};
    return lstat(directory_.file(name).c_str(), &status) == 0 &&
           directory_.staging().renewed_ns() - nanoseconds(status.st_mtim) > run_silence_ns();
  }

  void note_run(std::string_view token) {
    if (token != directory_.staging().token() && run_of(token).life == Life::dead)
      rivals_.dead.emplace_back(token);
  }

  void note_lock(const std::string& name, std::string_view token) {
    if (token == directory_.staging().token()) return;
    OtherRun run = run_of(token);
    if (!run.has_folder) return rivals_.garbage.push_back(name);
    if (run.life == Life::dead) return;  // noted, or will be, by its folder
    note_holder({.identity = std::move(run.identity),
                 .token = std::move(run.token),
                 .renewed_ns = run.renewed_ns,
                 .lives = run.life == Life::living});
  }

  Result<void> note_earlier_lock() {
    const UniqueFd folder(open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto file = read_run_file(folder.get(), std::string(earlier_lock));
    if (!file && errno == ENOENT) return {};  // given up since
    if (!file) return tl::unexpected(not_opened(directory_.file(earlier_lock), errno));
    const Life life = life_of(*file, directory_.staging().renewed_ns());
    if (life == Life::dead) return rivals_.garbage.emplace_back(earlier_lock), Result<void>{};
    LockHolder holder{
        .identity = {}, .token = {}, .renewed_ns = file->renewed_ns, .lives = life == Life::living};
    if (auto identity = RunIdentity::parse(file->text)) holder.identity.push_back(std::move(*identity));
    note_holder(std::move(holder));
    return {};
  }

  void note_holder(LockHolder holder) {
    if (!rivals_.holder || holder.lives) rivals_.holder = std::move(holder);
  }

  const SweepDirectory& directory_;
  Rivals rivals_;
};

Result<void> show_lock(const Staging& staging) {
  const std::string hidden = hidden_path(staging), path = lock_path(staging);
  const UniqueFd file(open(hidden.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file || rename(hidden.c_str(), path.c_str()) != 0) return refused("make", path);
  return {};
}

/// Rivals that have seen each other do not all come back at once.
void pause(uint32_t tries) {
  static std::minstd_rand random(std::random_device{}());
  const long longest_ns = 2'000'000L << std::min(tries, 8U);  // half a second
  const timespec moment{0, static_cast<long>(random()) % longest_ns};
  nanosleep(&moment, nullptr);
}

}  // namespace

Result<LockAttempt> DirectoryLock::attempt(const SweepDirectory& directory) {
  for (uint32_t tries = 0;; pause(tries++)) {
    if (!directory.staging().renew()) return tl::unexpected(taken_over(directory.path()));
    auto rivals = Look(directory).look();
    if (!rivals) return tl::unexpected(rivals.error());
    if (rivals->holder) return LockAttempt{.lock = {}, .holder = std::move(*rivals->holder)};
    if (auto shown = show_lock(directory.staging()); !shown) return tl::unexpected(shown.error());
    DirectoryLock lock(directory.shared_staging());
    rivals = Look(directory).look();
    if (!rivals) return tl::unexpected(rivals.error());
    if (rivals->holder) continue;
    // Without asking again whether they are dead: one that lives again must not stay beside this one.
    if (auto cleared = clear_runs(directory, rivals->dead); !cleared) return tl::unexpected(cleared.error());
    for (const std::string& name : rivals->garbage)
      if (auto removed = directory.remove(name); !removed) return tl::unexpected(removed.error());
    return LockAttempt{.lock = std::move(lock), .holder = {}};
  }
}

DirectoryLock::~DirectoryLock() { release(); }

bool DirectoryLock::release() {
  if (!staging_) return false;
  const std::shared_ptr<Staging> staging = std::exchange(staging_, nullptr);
  return rename(lock_path(*staging).c_str(), hidden_path(*staging).c_str()) == 0;
}

std::string lock_name(std::string_view token) { return std::string(lock_prefix) + std::string(token); }

bool is_lock_name(std::string_view name) { return name == earlier_lock || !lock_token(name).empty(); }

Error taken_over(const std::string& folder) {
  return Error{.message = folder +
                          " was taken over by another run, since this one was silent for too long; that one "
                          "carries on, this one has stopped",
               .where = {},
               .is_shortage = true};
}

Error in_use(const std::string& folder, const std::vector<RunIdentity>& runs) {
  if (runs.empty())
    return {
        folder +
            " is being taken by another run; try again in a minute, or choose another folder with --output",
        {}};
  return {folder + " is in use by " + names_of(runs) +
              "; wait or stop it, share the work with --join, or choose another folder with --output",
          {}};
}

}  // namespace sweepd
