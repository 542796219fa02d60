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
#include "runner/engine/claims.h"
#include "runner/engine/directory_lock.h"
#include "runner/engine/merge_directory.h"
#include "runner/engine/sweep_sharing.h"
#include "runner/platform/clock.h"

namespace sweepd {
namespace {

/// A run that is alone in the directory holds the lock: it is asked to share, and gives it up within seconds.
Result<DirectoryLock> take_lock(const SweepDirectory& directory) {
  constexpr int64_t patience_ns = 10'000'000'000;
  const int64_t until_ns = monotonic_ns() + patience_ns;
  for (;;) {
    auto attempt = DirectoryLock::attempt(directory);
    if (!attempt) return tl::unexpected(attempt.error());
    if (attempt->lock) return std::move(*attempt->lock);
    if (monotonic_ns() > until_ns) {
      SweepSharing::forget_asked(directory);
      if (attempt->holder.identity.empty()) return tl::unexpected(in_use(directory.path(), {}));
      return failure(directory.path() + " is in use by " + names_of(attempt->holder.identity) +
                     ", which merges when it ends; 'sweepd results' shows what there is until then");
    }
    if (auto asked = SweepSharing::ask(directory); !asked) return tl::unexpected(asked.error());
    constexpr timespec moment{0, 50'000'000};
    nanosleep(&moment, nullptr);
  }
}

/// Summary and manifest belong to the runs that are at work in the directory; with the lock held here none of
/// them merges meanwhile.
Result<MergeOutcome> merge(SweepDirectory& directory, Manifest& manifest) {
  if (auto entered = directory.enter(); !entered) return tl::unexpected(entered.error());
  auto lock = take_lock(directory);
  if (!lock) return tl::unexpected(lock.error());
  SweepSharing::forget_asked(directory);
  const auto members = Claims::living_members(directory);
  if (!members) return tl::unexpected(members.error());
  auto current = open_manifest(directory);  // it may have changed until now
  if (!current) return tl::unexpected(current.error());
  manifest = std::move(*current);
  const auto sweep = stored_sweep(directory, manifest);
  if (!sweep) return tl::unexpected(sweep.error());
  const auto chunks = open_chunks(directory, manifest);
  if (!chunks) return tl::unexpected(chunks.error());
  const auto keep_alive = [&directory] { directory.staging().keep_alive(); };
  auto outcome = members->empty() ? merge_directory(*sweep, directory, *chunks, manifest, keep_alive)
                                  : merge_records(*sweep, directory, *chunks, keep_alive);
  // The last run may have died when all was done, and others took it for alive.
  if (members->empty()) SweepSharing::clear(directory);
  if (!lock->release()) return tl::unexpected(taken_over(directory.path()));
  return outcome;
}

}  // namespace

int merge_command(const std::string& path) {
  SweepDirectory directory(path);
  auto manifest = directory.check_trusted().and_then([&] { return open_manifest(directory); });
  if (!manifest) {
    report_error(manifest.error());
    return wrong_request;
  }
  const auto outcome = merge(directory, *manifest);
  if (!outcome) {
    report_error(outcome.error());
    report_unnoticed(directory, *manifest);
    return outcome.error().is_shortage ? stopped_before_end : system_failure;
  }
  for (const std::string& warning : outcome->warnings) report_warning(warning);
  put("{}: merged {} of {} points{}\nresults: {}/results.json\n", printable_line(manifest->name),
      with_commas(outcome->counts.records()), with_commas(manifest->points),
      outcome->complete ? "" : " (incomplete)", printable_line(directory.path()));
  return every_point_ok;
}

}  // namespace sweepd
