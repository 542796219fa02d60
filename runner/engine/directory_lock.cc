#include "runner/engine/directory_lock.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "runner/core/record.h"
#include "runner/platform/clock.h"
#include "runner/platform/process_identity.h"
#include "runner/platform/system_error.h"

namespace sweepd {
namespace {

constexpr const char* lock_name = "lock";
constexpr time_t silence_s = 60;  // of a holder on another host, before it counts as dead

std::string random_name() {
  uint64_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number) number = static_cast<uint64_t>(monotonic_ns());
  char name[40];
  std::snprintf(name, sizeof name, "lock.%016llx.tmp", static_cast<unsigned long long>(number));
  return name;
}

std::string own_text() {
  std::string since;
  append_timestamp(since, nanoseconds(CLOCK_REALTIME) / 1000);
  const char* job = std::getenv("SLURM_JOB_ID");
  const nlohmann::ordered_json json = {{"host", host_name()},
                                       {"pid", getpid()},
                                       {"start_ticks", start_ticks(getpid()).value_or(0)},
                                       {"pid_space", pid_space()},
                                       {"slurm_job", job != nullptr ? job : ""},
                                       {"since", since}};
  return json.dump() + "\n";
}

/// A lock file as it was found.
struct Found {
  ino_t inode = 0;
  time_t renewed = 0;
  nlohmann::json holder;
};

/// None with errno.
std::optional<Found> look(int folder) {
  const UniqueFd file(openat(folder, lock_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) return std::nullopt;
  char text[4096];
  const ssize_t n = read(file.get(), text, sizeof text);
  return Found{status.st_ino, status.st_mtime,
               nlohmann::json::parse(text, text + (n > 0 ? n : 0), nullptr, false)};
}

/// `now`: by the clock that stamps the folder's files, which may be a file server's.
bool is_alive(const Found& found, time_t now) {
  const nlohmann::json& holder = found.holder;
  if (!holder.is_object()) return false;
  const bool seen_from_here =
      holder.value("host", "") == host_name() && holder.value("pid_space", "") == pid_space();
  if (!seen_from_here) return now - found.renewed <= silence_s;
  return start_ticks(holder.value("pid", 0)) == holder.value("start_ticks", uint64_t{0});
}

tl::unexpected<Error> held(const std::string& folder, const nlohmann::json& holder) {
  const std::string job = holder.value("slurm_job", "");
  return failure(folder + " is in use by process " + std::to_string(holder.value("pid", 0)) + " on " +
                 holder.value("host", "") + (job.empty() ? "" : ", Slurm job " + job) + ", since " +
                 holder.value("since", "") +
                 "; wait for it or stop it, or choose another folder with --output");
}

/// A new file with this process's text in it, on its way to become the lock.
class Candidate {
 public:
  explicit Candidate(int folder) : folder_(folder) {}
  Candidate(const Candidate&) = delete;
  Candidate& operator=(const Candidate&) = delete;
  ~Candidate() { unlinkat(folder_, name_.c_str(), 0); }

  /// False with errno.
  bool make() {
    const std::string text = own_text();
    const UniqueFd file(
        openat(folder_, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
    return file && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
           fstat(file.get(), &status_) == 0;
  }
  /// False with errno: EEXIST where there is a lock.
  bool become_lock() const { return linkat(folder_, name_.c_str(), folder_, lock_name, 0) == 0; }

  ino_t inode() const { return status_.st_ino; }
  time_t made_at() const { return status_.st_mtime; }

 private:
  int folder_;
  std::string name_ = random_name();
  struct stat status_ {};
};

/// Takes a dead holder's lock away. Where it has become another's meanwhile, that one is put back.
void clear(int folder, const Found& dead) {
  const std::string aside = random_name();
  if (renameat(folder, lock_name, folder, aside.c_str()) != 0) return;
  struct stat status {};
  if (fstatat(folder, aside.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_ino != dead.inode)
    (void)linkat(folder, aside.c_str(), folder, lock_name, 0);
  unlinkat(folder, aside.c_str(), 0);
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::string& folder) {
  UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return refused("reach", folder);
  for (;;) {
    Candidate candidate(fd.get());
    if (!candidate.make()) return refused("make", folder + "/" + lock_name);
    if (candidate.become_lock()) return DirectoryLock(std::move(fd), candidate.inode());
    if (errno != EEXIST) return refused("make", folder + "/" + lock_name);
    const auto found = look(fd.get());
    if (!found && errno == ENOENT) continue;  // given up since
    if (!found) return refused("read", folder + "/" + lock_name);
    if (is_alive(*found, candidate.made_at())) return held(folder, found->holder);
    clear(fd.get(), *found);
  }
}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  give_up();
  folder_ = std::move(other.folder_);
  inode_ = other.inode_;
  return *this;
}

DirectoryLock::~DirectoryLock() { give_up(); }

void DirectoryLock::give_up() {
  if (folder_ && is_ours()) unlinkat(folder_.get(), lock_name, 0);
}

bool DirectoryLock::is_ours() const {
  struct stat status {};
  if (fstatat(folder_.get(), lock_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return errno != ENOENT;
  return status.st_ino == inode_;
}

bool DirectoryLock::renew() const {
  if (!is_ours()) return false;
  utimensat(folder_.get(), lock_name, nullptr, 0);
  return true;
}

}  // namespace sweepd
