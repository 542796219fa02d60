#include "runner/engine/run_identity.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "runner/core/printable.h"
#include "runner/core/record.h"
#include "runner/core/utf8.h"
#include "runner/engine/small_json.h"
#include "runner/platform/clock.h"
#include "runner/platform/process_identity.h"
#include "runner/platform/trusted_file.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

std::string random_token() {
  uint64_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number) number = static_cast<uint64_t>(monotonic_ns());
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

std::string slurm_job_id() {
  constexpr size_t longest = 64;
  const char* const job = std::getenv("SLURM_JOB_ID");
  return job == nullptr ? "" : valid_utf8(std::string_view(job).substr(0, longest));
}

RunIdentity RunIdentity::make() {
  RunIdentity own{.host = host_name(),
                  .pid = getpid(),
                  .start_ticks = sweepd::start_ticks(getpid()).value_or(0),
                  .pid_space = sweepd::pid_space(),
                  .slurm_job = {},
                  .since = {},
                  .token = random_token()};
  own.slurm_job = slurm_job_id();
  append_timestamp(own.since, nanoseconds(CLOCK_REALTIME) / 1000);
  return own;
}

namespace {

/// Nothing of it is believed: the file may be anybody's.
bool is_plausible(const RunIdentity& run) {
  constexpr size_t longest = 300;  // of a host name, a job's number, a time
  for (const std::string* text : {&run.host, &run.pid_space, &run.slurm_job, &run.since})
    if (text->size() > longest) return false;
  return run.pid > 0 && is_token(run.token);
}

}  // namespace

std::optional<RunIdentity> RunIdentity::parse(std::string_view text) {
  const auto json = parse_small_json(text);
  if (!json) return std::nullopt;
  JsonFields fields(*json);
  RunIdentity run;
  uint32_t pid = 0;
  fields.read("host", run.host);
  fields.read("pid", pid);
  fields.read("start_ticks", run.start_ticks);
  fields.read("pid_space", run.pid_space);
  fields.read("slurm_job", run.slurm_job);
  fields.read("since", run.since);
  fields.read("token", run.token);
  run.pid = static_cast<pid_t>(pid);
  return fields.are_fine() && is_plausible(run) ? std::optional(std::move(run)) : std::nullopt;
}

std::string RunIdentity::text() const {
  const nlohmann::ordered_json json = {{"host", host},
                                       {"pid", pid},
                                       {"start_ticks", start_ticks},
                                       {"pid_space", pid_space},
                                       {"slurm_job", slurm_job},
                                       {"since", since},
                                       {"token", token}};
  return small_json_text(json) + "\n";
}

std::string RunIdentity::name() const {
  return "process " + std::to_string(pid) + " on " + printable_line(host) +
         (slurm_job.empty() ? "" : ", Slurm job " + printable_line(slurm_job));
}

std::string names_of(const std::vector<RunIdentity>& runs) {
  constexpr size_t most = 4;
  std::string text;
  for (size_t i = 0; i < runs.size() && i < most; ++i)
    text += (i == 0 ? "" : " and ") + runs[i].name() + ", since " + printable_line(runs[i].since);
  if (runs.size() > most) text += " and " + std::to_string(runs.size() - most) + " more";
  return text;
}

Life RunIdentity::process() const {
  const std::string space = sweepd::pid_space();
  if (space.empty() || pid_space != space || host != host_name()) return Life::unknown;
  const auto lives = process_lives(pid, start_ticks);
  return !lives ? Life::unknown : *lives ? Life::living : Life::dead;
}

bool is_token(std::string_view text) {
  constexpr size_t digits = 16;
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

int64_t run_silence_ns() {
  static const int64_t silence_ns = [] {
    constexpr int64_t second_ns = 1'000'000'000;
    const char* const text = std::getenv("SWEEPD_SILENCE");
    char* end = nullptr;
    const double seconds = text == nullptr ? 0 : std::strtod(text, &end);
    const bool is_valid = text != nullptr && std::string_view(end) == "s" && seconds >= 1 && seconds <= 3600;
    return is_valid ? static_cast<int64_t>(seconds * second_ns) : 60 * second_ns;
  }();
  return silence_ns;
}

std::optional<RunFile> read_run_file(int folder, const std::string& name) {
  const UniqueFd file = open_trusted_at(folder, name);
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) return std::nullopt;
  char text[4096];
  const ssize_t n = read(file.get(), text, sizeof text);
  if (n < 0) return std::nullopt;
  return RunFile{std::string(text, static_cast<size_t>(n)), nanoseconds(status.st_mtim)};
}

Life life_of(const RunFile& file, int64_t now_ns) {
  const auto run = RunIdentity::parse(file.text);
  const Life process = run ? run->process() : Life::unknown;
  if (process != Life::unknown) return process;
  return std::abs(now_ns - file.renewed_ns) > run_silence_ns() ? Life::dead : Life::unknown;
}

bool make_run_file(int folder, const std::string& name, std::string_view text) {
  UniqueFd file(openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file) return false;
  const ssize_t n = write(file.get(), text.data(), text.size());
  const int error = n < 0 ? errno : n < static_cast<ssize_t>(text.size()) ? ENOSPC : 0;
  // A file server may refuse what was written only when the file is closed.
  if (close(file.release()) == 0 && error == 0) return true;
  const int cause = error != 0 ? error : errno;
  unlinkat(folder, name.c_str(), 0);
  errno = cause;
  return false;
}

}  // namespace sweepd
