#include "runner/cli/shared_end.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>

#include "runner/engine/merge_directory.h"
#include "runner/engine/results.h"
#include "runner/engine/sweep_sharing.h"
#include "runner/platform/clock.h"
#include "runner/platform/inherited_signals.h"

namespace sweepd {
namespace {

/// Signals are let in, as in every wait.
void pause_briefly() {
  constexpr timespec moment{0, 50'000'000};
  const sigset_t mask = inherited_signals().mask();
  ppoll(nullptr, 0, &moment, &mask);
}

Result<DirectoryLock> wait_for_lock(const SweepDirectory& directory, const std::function<bool()>& may_wait) {
  for (;;) {
    auto attempt = DirectoryLock::attempt(directory);
    if (!attempt) return tl::unexpected(attempt.error());
    if (attempt->lock) return std::move(*attempt->lock);
    if (!may_wait())
      return tl::unexpected(Error{.message = "the results could not be merged, since " +
                                             names_of(attempt->holder.identity) + " holds " +
                                             directory.path(),
                                  .where = {},
                                  .is_shortage = true});
    pause_briefly();
  }
}

Result<void> read_manifest_again(TakenDirectory& taken) {
  auto manifest = taken.directory.read_manifest();
  if (!manifest) return tl::unexpected(manifest.error());
  if (!*manifest) return failure(taken.directory.file("manifest.json") + " is gone; was the folder moved?");
  taken.manifest = std::move(**manifest);
  return {};
}

/// What another run has merged.
Result<MergeOutcome> merged_before(const TakenDirectory& taken) {
  if (auto written = write_sessions(taken.directory, taken.manifest); !written)
    return tl::unexpected(written.error());
  MergeOutcome outcome{.counts = {taken.manifest.ok, taken.manifest.failed}, .complete = true};
  if (auto reduced = read_reduced_rows(taken.directory.file("results.json"), Merger::rows_kept))
    outcome.reduced = std::move(*reduced);
  return outcome;
}

Result<MergeOutcome> merge(const Sweep& sweep, TakenDirectory& taken, const ChunkStore& store,
                           const ChunkFolder& committed, bool is_whole,
                           const std::function<void()>& meanwhile) {
  if (is_whole && taken.manifest.complete) return merged_before(taken);
  if (is_whole) return merge_directory(sweep, taken.directory, committed, taken.manifest, meanwhile);
  const auto recovered = store.recover();  // nobody writes any more
  if (!recovered) return tl::unexpected(recovered.error());
  return merge_directory(sweep, taken.directory, *recovered, taken.manifest, meanwhile);
}

}  // namespace

void put_session(Manifest& manifest, const Session& session) {
  const auto found = std::find_if(manifest.sessions.begin(), manifest.sessions.end(),
                                  [&session](const Session& each) { return each.token == session.token; });
  if (found == manifest.sessions.end())
    manifest.sessions.push_back(session);
  else
    *found = session;
}

Result<void> add_session(TakenDirectory& taken, const Session& session) {
  constexpr int64_t patience_ns = 2'000'000'000;
  std::optional<DirectoryLock> lock;
  if (taken.claims) {
    const int64_t until_ns = monotonic_ns() + patience_ns;
    auto waited = wait_for_lock(taken.directory, [until_ns] { return monotonic_ns() < until_ns; });
    if (!waited) return {};
    lock.emplace(std::move(*waited));
    if (auto read = read_manifest_again(taken); !read) return read;
  }
  put_session(taken.manifest, session);
  return taken.directory.write_manifest(taken.manifest);
}

Result<SharedEnd> end_shared(const Sweep& sweep, TakenDirectory& taken, const ChunkStore& store,
                             const std::optional<Session>& session, bool has_more,
                             const std::function<bool()>& hold) {
  auto lock = wait_for_lock(taken.directory, hold);
  if (!lock) return tl::unexpected(lock.error());
  if (auto read = read_manifest_again(taken); !read) return tl::unexpected(read.error());
  if (session) put_session(taken.manifest, *session);
  const auto others = Claims::living_members(taken.directory, taken.claims->token());
  if (!others) return tl::unexpected(others.error());
  const auto committed = store.list_committed();
  if (!committed) return tl::unexpected(committed.error());
  const bool is_whole = committed->points() >= sweep.size();
  if (!is_whole && others->empty() && has_more) return SharedEnd{.outcome = {}, .carry_on = true};
  SharedEnd end;
  Result<void> written;
  if (is_whole || others->empty()) {
    auto outcome = merge(sweep, taken, store, *committed, is_whole, [&] { hold(); });
    if (!outcome) return tl::unexpected(outcome.error());
    end.outcome = std::move(*outcome);
  } else {
    (void)store.recover();  // what this run has left half written; else whoever clears its folder does
    written = taken.directory.write_manifest(taken.manifest);
  }
  taken.claims.reset();
  if (others->empty()) SweepSharing::clear(taken.directory);
  if (!written) return tl::unexpected(written.error());
  end.was_taken_over = !lock->release();
  return end;
}

}  // namespace sweepd
