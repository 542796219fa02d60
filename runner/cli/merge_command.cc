#include <fmt/format.h>

#include <algorithm>

#include "configs/sweep_file.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/open_results.h"
#include "runner/cli/requests.h"
#include "runner/cli/stored_sweep.h"
#include "runner/cli/terminal.h"
#include "runner/engine/merge_directory.h"

namespace sweepd {
namespace {

Result<MergeOutcome> merge(const SweepDirectory& directory, Manifest& manifest) {
  const auto sweep = stored_sweep(directory, manifest.file, manifest.fingerprint);
  if (!sweep) return tl::unexpected(sweep.error());
  const auto files = chunk_files(directory);
  if (!files) return tl::unexpected(files.error());
  return merge_directory(*sweep, directory, *files, manifest);
}

}  // namespace

int merge_command(const std::string& path) {
  const SweepDirectory directory(path);
  auto manifest = open_manifest(directory);
  if (!manifest) {
    report_error(manifest.error());
    return wrong_request;
  }
  const auto outcome = merge(directory, *manifest);
  if (!outcome) {
    report_error(outcome.error());
    return system_failure;
  }
  for (const std::string& warning : outcome->warnings) report_warning(warning);
  fmt::print("{}: merged {} of {} points{}\nresults: {}/results.json\n", manifest->name,
             with_commas(outcome->counts.records()), with_commas(manifest->points),
             outcome->complete ? "" : " (incomplete)", directory.path());
  return every_point_ok;
}

}  // namespace sweepd
