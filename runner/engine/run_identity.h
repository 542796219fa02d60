// RunIdentity: which run a file of the sweep directory stands for (its lock, its membership among others),
// and whether that run is alive. It does not know what the files are for.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sweepd {

/// A run that is not seen from here and did not renew its file for so long counts as dead: a minute, or what
/// SWEEPD_SILENCE says ("2s"). All runs that see a sweep directory must agree on it.
int64_t run_silence_ns();

enum class Life {
  living,
  dead,
  unknown,  ///< to be judged by whether the run renews its file
};

struct RunIdentity {
  std::string host;
  pid_t pid = 0;
  uint64_t start_ticks = 0;
  std::string pid_space;
  std::string slurm_job;  ///< empty outside Slurm
  std::string since;      ///< UTC
  std::string token;      ///< 16 hexadecimal digits; no two runs have the same

  /// Of this process, with a token of its own.
  static RunIdentity make();
  /// None for what is no identity's text, such as one that is still being written.
  static std::optional<RunIdentity> parse(std::string_view text);

  /// One line of JSON.
  std::string text() const;
  /// "process 12 on n3, Slurm job 17"
  std::string name() const;

  /// What is seen of its process from here. A process of another host or container is not, nor one that
  /// /proc does not show (hidepid, or none mounted).
  Life process() const;
};

/// Who they are and since when, of many the first ones.
std::string names_of(const std::vector<RunIdentity>& runs);

/// Of the Slurm job that this process is in, as text; empty outside.
std::string slurm_job_id();

/// 16 random hexadecimal digits.
std::string random_token();

/// Whether it looks like one of random_token().
bool is_token(std::string_view text);

/// A run's file as it was found.
struct RunFile {
  std::string text;
  int64_t renewed_ns = 0;  ///< by the clock that stamps the folder's files, which may be a file server's
};

/// None with errno. Opens the file, so that what a network file system has cached is looked at anew.
std::optional<RunFile> read_run_file(int folder, const std::string& name);

/// What a file tells of its run, `now_ns` being by the clock that stamps the folder's files: by its process
/// where that can be seen, else by how long it was silent. A time far ahead is silence, too: the clock was
/// set back since.
Life life_of(const RunFile& file, int64_t now_ns);

/// Makes a file that was not there; false with errno, and then there is none of this run's.
bool make_run_file(int folder, const std::string& name, std::string_view text);

}  // namespace sweepd
