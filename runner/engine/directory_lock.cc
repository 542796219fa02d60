#include "runner/engine/directory_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "runner/platform/system_error.h"

namespace sweepd {
namespace {

constexpr const char* lock_name = "lock";

std::string random_name() { return std::string(lock_name) + '.' + random_token() + ".tmp"; }

/// A new file on its way to become the lock.
class Candidate {
 public:
  explicit Candidate(int folder) : folder_(folder) {}
  Candidate(const Candidate&) = delete;
  Candidate& operator=(const Candidate&) = delete;
  ~Candidate() { unlinkat(folder_, name_.c_str(), 0); }

  /// False with errno.
  bool make() {
    struct stat status {};
    if (!make_run_file(folder_, name_, text_) || fstatat(folder_, name_.c_str(), &status, 0) != 0)
      return false;
    made_at_ = status.st_mtime;
    return true;
  }
  /// False with errno: EEXIST where there is a lock. File systems without hard links get the text a moment
  /// later than the file.
  bool become_lock() const {
    if (linkat(folder_, name_.c_str(), folder_, lock_name, 0) == 0) return true;
    return errno != EEXIST && make_run_file(folder_, lock_name, text_);
  }

  const std::string& text() const { return text_; }
  time_t made_at() const { return made_at_; }

 private:
  int folder_;
  std::string name_ = random_name();
  std::string text_ = RunIdentity::make().text();  // no two are equal, so it tells whose a lock is
  time_t made_at_ = 0;
};

/// Takes a dead holder's lock away. Of many that want to, one at a time may, so that none of them takes away
/// the lock of the one that came first; a marker says who. `now`: by the clock that stamps the folder's
/// files.
void clear(int folder, const RunFile& dead, time_t now) {
  constexpr timespec moment{0, 10'000'000};
  const auto holder = RunIdentity::parse(dead.text);
  const std::string token = holder && !holder->token.empty() ? holder->token : "0000000000000000";
  const std::string marker = std::string(lock_name) + '.' + token + ".tmp";
  if (!make_run_file(folder, marker, "")) {
    const auto other = read_run_file(folder, marker);
    if (other && now - other->renewed > run_silence_s) unlinkat(folder, marker.c_str(), 0);
    nanosleep(&moment, nullptr);
    return;
  }
  const auto found = read_run_file(folder, lock_name);
  if (found && found->text == dead.text) unlinkat(folder, lock_name, 0);
  unlinkat(folder, marker.c_str(), 0);
}

std::vector<RunIdentity> holder_in(const RunFile& file) {
  const auto run = RunIdentity::parse(file.text);
  return run ? std::vector{*run} : std::vector<RunIdentity>{};
}

}  // namespace

Result<LockAttempt> DirectoryLock::attempt(const std::string& folder) {
  UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return refused("reach", folder);
  for (;;) {
    Candidate candidate(fd.get());
    if (!candidate.make()) return refused("make", folder + "/" + lock_name);
    if (candidate.become_lock()) return LockAttempt{DirectoryLock(std::move(fd), candidate.text()), {}};
    if (errno != EEXIST) return refused("make", folder + "/" + lock_name);
    const auto found = read_run_file(fd.get(), lock_name);
    if (!found && errno == ENOENT) continue;  // given up since
    if (!found) return refused("read", folder + "/" + lock_name);
    if (is_alive(*found, candidate.made_at())) return LockAttempt{{}, holder_in(*found)};
    clear(fd.get(), *found, candidate.made_at());
  }
}

Result<DirectoryLock> DirectoryLock::take(const std::string& folder) {
  auto attempt = DirectoryLock::attempt(folder);
  if (!attempt) return tl::unexpected(attempt.error());
  if (attempt->lock) return std::move(*attempt->lock);
  return tl::unexpected(in_use(folder, attempt->holder));
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

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  give_up();
  folder_ = std::move(other.folder_);
  text_ = other.text_;
  return *this;
}

DirectoryLock::~DirectoryLock() { give_up(); }

void DirectoryLock::give_up() {
  if (folder_ && is_ours()) unlinkat(folder_.get(), lock_name, 0);
}

/// What cannot be read for the moment (a file server that does not answer) is not believed lost.
bool DirectoryLock::is_ours() const {
  const auto found = read_run_file(folder_.get(), lock_name);
  return found ? found->text == text_ : errno != ENOENT;
}

bool DirectoryLock::renew() const {
  if (!is_ours()) return false;
  renew_run_file(folder_.get(), lock_name);
  return true;
}

}  // namespace sweepd
