// Staging: a run's own folder `staging.TOKEN` in the sweep directory, where all that it writes is made, and
// who it is. Whatever changes the sweep directory is one rename out of this folder, or into it. So a run that
// was believed dead and wakes up can do no harm: whoever takes over removes its folder first, and all that it
// was about to do fails. runner/engine/FORMAT.md tells how runs get along by it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"
#include "runner/engine/run_identity.h"

namespace sweepd {

/// The folder of the run of this token, and the token in a folder's name; empty for any other name.
std::string staging_path(const std::string& directory, std::string_view token);
std::string_view staging_token(std::string_view name);
/// Whether it is a folder that was to become one.
bool is_unnamed_staging(std::string_view name);

class SweepDirectory;

/// Kinds of folders in a run's own that hold what others need.
inline constexpr const char* salvaged_kind = "salvaged";  ///< part files of dead runs
inline constexpr const char* aside_kind = "aside";        ///< results that --fresh sets aside

class Staging {
 public:
  /// Makes a folder in the sweep directory.
  static Result<std::shared_ptr<Staging>> make(const SweepDirectory& directory);

  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  /// This run takes no part any more. Its folder goes, unless there is something in it that the next run has
  /// to save, as where the disk was full.
  ~Staging();

  const std::string& path() const { return path_; }
  const std::string& token() const { return self_.token; }
  /// The file that says who the run is; renewed while it lives.
  std::string run_file() const { return path_ + '/' + run_file_name; }
  static constexpr const char* run_file_name = "run";

  /// Says that this run is alive. False where its folder is gone: it was silent for too long (stopped, its
  /// file server gone) and another took over.
  bool renew();
  /// The same, at most twice a second however often it is called.
  bool keep_alive();
  /// When it was renewed last, by the clock that stamps the directory's files.
  int64_t renewed_ns() const { return renewed_ns_; }

  /// "<path>/<kind>.<number>", which there was not before.
  std::string new_name(std::string_view kind);

  /// Renames what is not in this run's folder by way of it, so that one that was taken over moves nothing.
  Result<void> move(const std::string& from, const std::string& to);

  /// Removes a file or a folder with all that is in it, and what is not there as well.
  Result<void> remove(const std::string& path);

 private:
  Staging(std::string path, RunIdentity self) : path_(std::move(path)), self_(std::move(self)) {}

  std::string path_;
  RunIdentity self_;
  int64_t renewed_ns_ = 0;
  int64_t kept_alive_ns_ = 0;  // this machine's clock
  uint64_t names_ = 0;
};

/// Removes a folder and all in it, not following links; what goes by itself meanwhile is no error.
Result<void> remove_tree(const std::string& path);

}  // namespace sweepd
