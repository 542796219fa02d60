#include <fmt/format.h>

#include <algorithm>

#include "configs/sweep_file.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/open_results.h"
#include "runner/cli/requests.h"
#include "runner/cli/stored_sweep.h"
#include "runner/cli/terminal.h"
#include "runner/engine/chunk_swap.h"
#include "runner/engine/directory_lock.h"
#include "runner/engine/merge_directory.h"

namespace sweepd {
namespace {

Result<MergeOutcome> merge(const SweepDirectory& directory, Manifest& manifest) {
  const auto sweep = stored_sweep(directory, manifest.file, manifest.fingerprint);
  if (!sweep) return tl::unexpected(sweep.error());
  const auto lock = DirectoryLock::take(directory.path());
  if (lock)
    if (auto tidy = ChunkSwap::tidy_up(directory, manifest); !tidy) return tl::unexpected(tidy.error());
  const auto chunks = open_chunks(directory);
  if (!chunks) return tl::unexpected(chunks.error());
  // Summary and manifest belong to whoever holds the directory: a run that is at work in it keeps them.
  return lock ? merge_directory(*sweep, directory, *chunks, manifest)
              : merge_records(*sweep, directory, *chunks);
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
