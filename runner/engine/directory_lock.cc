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

namespace sweepd {
namespace {

constexpr const char* lock_name = "lock";
constexpr time_t silence_s = 60;  // of a holder on another host, before it counts as dead

tl::unexpected<Error> refused(const char* what, const std::string& folder) {
  return failure(std::string("cannot ") + what + " " + folder + "/" + lock_name + ": " +
                 std::strerror(errno));
}

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

std::optional<Found> look(int folder) {
  const UniqueFd file(openat(folder, lock_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) return std::nullopt;
  char text[4096];
  const ssize_t n = read(file.get(), text, sizeof text);
  return Found{status.st_ino, status.st_mtime,
               nlohmann::json::parse(text, text + (n > 0 ? n : 0), nullptr, false)};
}

bool is_alive(const Found& found) {
  const nlohmann::json& holder = found.holder;
  if (!holder.is_object()) return false;
  if (holder.value("host", "") != host_name()) return time(nullptr) - found.renewed <= silence_s;
  return start_ticks(holder.value("pid", 0)) == holder.value("start_ticks", uint64_t{0});
}

tl::unexpected<Error> held(const std::string& folder, const nlohmann::json& holder) {
  const std::string job = holder.value("slurm_job", "");
  return failure(folder + " is in use by process " + std::to_string(holder.value("pid", 0)) + " on " +
                 holder.value("host", "") + (job.empty() ? "" : ", Slurm job " + job) + ", since " +
                 holder.value("since", "") +
                 "; wait for it or stop it, or choose another folder with --output");
}

/// Makes the lock with its text in it, or leaves errno: EEXIST where there is one.
bool make(int folder) {
  const std::string name = random_name();
  const std::string text = own_text();
  const UniqueFd file(
      openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file) return false;
  const bool written = write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool made = written && linkat(folder, name.c_str(), folder, lock_name, 0) == 0;
  const int error = errno;
  unlinkat(folder, name.c_str(), 0);
  errno = error;
  return made;
}

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
  while (!make(fd.get())) {
    if (errno != EEXIST) return refused("make", folder);
    const auto found = look(fd.get());
    if (!found) continue;  // given up since
    if (is_alive(*found)) return held(folder, found->holder);
    clear(fd.get(), *found);
  }
  return DirectoryLock(std::move(fd));
}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  give_up();
  folder_ = std::move(other.folder_);
  return *this;
}

DirectoryLock::~DirectoryLock() { give_up(); }

void DirectoryLock::give_up() {
  if (folder_) unlinkat(folder_.get(), lock_name, 0);
}

void DirectoryLock::renew() const { utimensat(folder_.get(), lock_name, nullptr, 0); }

}  // namespace sweepd
