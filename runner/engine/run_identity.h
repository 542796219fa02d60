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

/// A run that is not seen from here and did not renew its file for so long counts as dead.
inline constexpr time_t run_silence_s = 60;

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

  /// Whether its process, if it lives, would be seen from here.
  bool seen_from_here() const;
  /// ... and is.
  bool process_lives() const;
};

/// Who they are and since when, of many the first ones.
std::string names_of(const std::vector<RunIdentity>& runs);

/// Of the Slurm job that this process is in, as text; empty outside.
std::string slurm_job_id();

/// 16 random hexadecimal digits.
std::string random_token();

/// A run's file as it was found.
struct RunFile {
  std::string text;
  time_t renewed = 0;  ///< by the clock that stamps the folder's files, which may be a file server's
};

/// None with errno. Opens the file, so that what a network file system has cached is looked at anew.
std::optional<RunFile> read_run_file(int folder, const std::string& name);

/// Whether the run behind a file is alive, `now` being by the clock that stamps the folder's files: by its
/// process where that can be seen, else by how long it was silent. So is one whose text is still on the way.
bool is_alive(const RunFile& file, time_t now);

/// Makes a file that was not there; false with errno, and then there is none of this run's.
bool make_run_file(int folder, const std::string& name, std::string_view text);

/// Says that a run is alive.
bool renew_run_file(int folder, const std::string& name);

}  // namespace sweepd
