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

std::string random_text() {
  uint64_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number) number = static_cast<uint64_t>(monotonic_ns());
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

std::string random_name() { return std::string(lock_name) + '.' + random_text() + ".tmp"; }

/// No two are equal, so a lock file's text tells whose it is.
std::string own_text() {
  std::string since;
  append_timestamp(since, nanoseconds(CLOCK_REALTIME) / 1000);
  const char* job = std::getenv("SLURM_JOB_ID");
  const nlohmann::ordered_json json = {{"host", host_name()},
                                       {"pid", getpid()},
                                       {"start_ticks", start_ticks(getpid()).value_or(0)},
                                       {"pid_space", pid_space()},
                                       {"slurm_job", job != nullptr ? job : ""},
                                       {"since", since},
                                       {"token", random_text()}};
  return json.dump() + "\n";
}

/// A lock file as it was found.
struct Found {
  std::string text;
  time_t renewed = 0;
  nlohmann::json holder() const { return nlohmann::json::parse(text, nullptr, false); }
};

/// None with errno.
std::optional<Found> look(int folder, const std::string& name) {
  const UniqueFd file(openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) return std::nullopt;
  char text[4096];
  const ssize_t n = read(file.get(), text, sizeof text);
  if (n < 0) return std::nullopt;
  return Found{std::string(text, static_cast<size_t>(n)), status.st_mtime};
}

/// `now`: by the clock that stamps the folder's files, which may be a file server's.
bool is_alive(const Found& found, time_t now) {
  const nlohmann::json holder = found.holder();
  const bool was_silent = now - found.renewed > silence_s;
  if (!holder.is_object()) return !was_silent;  // its text may still be on the way
  const bool seen_from_here =
      holder.value("host", "") == host_name() && holder.value("pid_space", "") == pid_space();
  if (!seen_from_here) return !was_silent;
  return start_ticks(holder.value("pid", 0)) == holder.value("start_ticks", uint64_t{0});
}

tl::unexpected<Error> held(const std::string& folder, const nlohmann::json& holder) {
  if (!holder.is_object())
    return failure(
        folder +
        " is being taken by another run; try again in a minute, or choose another folder with --output");
  const std::string job = holder.value("slurm_job", "");
  return failure(folder + " is in use by process " + std::to_string(holder.value("pid", 0)) + " on " +
                 holder.value("host", "") + (job.empty() ? "" : ", Slurm job " + job) + ", since " +
                 holder.value("since", "") +
                 "; wait for it or stop it, or choose another folder with --output");
}

bool make_file(int folder, const std::string& name, const std::string& text) {
  const UniqueFd file(
      openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  return file && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

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
    if (!make_file(folder_, name_, text_) || fstatat(folder_, name_.c_str(), &status, 0) != 0) return false;
    made_at_ = status.st_mtime;
    return true;
  }
  /// False with errno: EEXIST where there is a lock. File systems without hard links get the text a moment
  /// later than the file.
  bool become_lock() const {
    if (linkat(folder_, name_.c_str(), folder_, lock_name, 0) == 0) return true;
    return errno != EEXIST && make_file(folder_, lock_name, text_);
  }

  const std::string& text() const { return text_; }
  time_t made_at() const { return made_at_; }

 private:
  int folder_;
  std::string name_ = random_name();
  std::string text_ = own_text();
  time_t made_at_ = 0;
};

/// Takes a dead holder's lock away. Where it has become another's meanwhile, that one is put back.
void clear(int folder, const Found& dead) {
  const std::string aside = random_name();
  if (renameat(folder, lock_name, folder, aside.c_str()) != 0) return;
  const auto taken = look(folder, aside);
  if (taken && taken->text != dead.text && linkat(folder, aside.c_str(), folder, lock_name, 0) != 0 &&
      errno != EEXIST)
    renameat(folder, aside.c_str(), folder, lock_name);
  unlinkat(folder, aside.c_str(), 0);
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::string& folder) {
  UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return refused("reach", folder);
  for (;;) {
    Candidate candidate(fd.get());
    if (!candidate.make()) return refused("make", folder + "/" + lock_name);
    if (candidate.become_lock()) return DirectoryLock(std::move(fd), candidate.text());
    if (errno != EEXIST) return refused("make", folder + "/" + lock_name);
    const auto found = look(fd.get(), lock_name);
    if (!found && errno == ENOENT) continue;  // given up since
    if (!found) return refused("read", folder + "/" + lock_name);
    if (is_alive(*found, candidate.made_at())) return held(folder, found->holder());
    clear(fd.get(), *found);
  }
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
  const auto found = look(folder_.get(), lock_name);
  return found ? found->text == text_ : errno != ENOENT;
}

bool DirectoryLock::renew() const {
  if (!is_ours()) return false;
  utimensat(folder_.get(), lock_name, nullptr, 0);
  return true;
}

}  // namespace sweepd
