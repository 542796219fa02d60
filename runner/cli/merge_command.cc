#include <fmt/format.h>

#include <algorithm>

#include "configs/sweep_file.h"
#include "runner/cli/exit_status.h"
#include "runner/cli/messages.h"
#include "runner/cli/open_results.h"
#include "runner/cli/requests.h"
#include "runner/cli/stored_sweep.h"
#include "runner/cli/terminal.h"
#include "runner/core/printable.h"
#include "runner/engine/chunk_swap.h"
#include "runner/engine/claims.h"
#include "runner/engine/directory_lock.h"
#include "runner/engine/merge_directory.h"

namespace sweepd {
namespace {

/// Summary and manifest belong to the runs that are at work in the directory. One that is alone there holds
/// the lock; those that share it do not, but with the lock held here none of them merges meanwhile.
Result<MergeOutcome> merge(const SweepDirectory& directory, Manifest& manifest) {
  const auto lock = DirectoryLock::take(directory.path());
  bool is_alone = false;
  if (lock) {
    const auto members = Claims::living_members(directory);
    if (!members) return tl::unexpected(members.error());
    is_alone = members->empty();
    auto current = open_manifest(directory);  // it may have changed until now
    if (!current) return tl::unexpected(current.error());
    manifest = std::move(*current);
  }
  const auto sweep = stored_sweep(directory, manifest.file, manifest.fingerprint);
  if (!sweep) return tl::unexpected(sweep.error());
  if (is_alone)
    if (auto tidy = ChunkSwap::tidy_up(directory, manifest); !tidy) return tl::unexpected(tidy.error());
  const auto chunks = open_chunks(directory, manifest);
  if (!chunks) return tl::unexpected(chunks.error());
  return is_alone ? merge_directory(*sweep, directory, *chunks, manifest)
                  : merge_records(*sweep, directory, *chunks);
}

}  // namespace

int merge_command(const std::string& path) {
  const SweepDirectory directory(path);
  auto manifest = directory.check_trusted().and_then([&] { return open_manifest(directory); });
  if (!manifest) {
    report_error(manifest.error());
    return wrong_request;
  }
  const auto outcome = merge(directory, *manifest);
  if (!outcome) {
    report_error(outcome.error());
    report_unnoticed(directory, *manifest);
    return system_failure;
  }
  for (const std::string& warning : outcome->warnings) report_warning(warning);
  put("{}: merged {} of {} points{}\nresults: {}/results.json\n", printable_line(manifest->name),
      with_commas(outcome->counts.records()), with_commas(manifest->points),
      outcome->complete ? "" : " (incomplete)", printable_line(directory.path()));
  return every_point_ok;
}

}  // namespace sweepd
