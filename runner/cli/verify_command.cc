#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>
#include <utility>

#include "configs/sweep_file.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/open_results.h"
#include "runner/cli/requests.h"
#include "runner/cli/stored_sweep.h"
#include "runner/cli/terminal.h"
#include "runner/engine/verification.h"
#include "runner/platform/system_error.h"

namespace sweepd {
namespace {

/// A folder for the merged files made again; it is removed with all that is in it.
class Scratch {
 public:
  static Result<Scratch> create() {
    std::error_code error;
    std::string path = std::filesystem::temp_directory_path(error) / "sweepd-verify-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) return refused("make", path);
    return Scratch(std::move(path));
  }
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }
  const std::string& path() const { return path_; }

 private:
  explicit Scratch(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

void report_whole(const Verification& found, const Manifest& manifest) {
  put("{}: {} of {} points have a record, in {} files, all as they were written; ", manifest.name,
      with_commas(found.records), with_commas(manifest.points), with_commas(found.files));
  put("{}\n", found.merged_files_compared ? "the merged files are what they come to"
                                          : "not finished, so no merged files were compared");
}

}  // namespace

int verify_command(const std::string& path) {
  const SweepDirectory directory(path);
  const auto manifest = open_manifest(directory);
  if (!manifest) {
    report_error(manifest.error());
    return wrong_request;
  }
  const auto sweep = stored_sweep(directory, *manifest);
  if (!sweep) {
    report_error(sweep.error());
    return system_failure;
  }
  const auto scratch = Scratch::create();
  const auto found =
      scratch ? verify(*sweep, directory, *manifest, scratch->path()) : tl::unexpected(scratch.error());
  if (!found) {
    report_error(found.error());
    return system_failure;
  }
  report_errors(found->faults);
  if (found->is_damaged) report_unnoticed(directory, *manifest);
  if (found->faults.empty()) report_whole(*found, *manifest);
  return found->faults.empty() ? every_point_ok : some_points_failed;
}

}  // namespace sweepd
