#include "runner/cli/taken_directory.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "runner/cli/messages.h"
#include "runner/cli/request_sweep.h"
#include "runner/cli/terminal.h"
#include "runner/core/printable.h"
#include "runner/core/record.h"
#include "runner/core/utf8.h"
#include "runner/engine/adoption.h"
#include "runner/engine/chunk_swap.h"
#include "runner/engine/inventory.h"
#include "runner/engine/set_aside.h"
#include "runner/engine/sweep_sharing.h"
#include "runner/engine/unfit_files.h"
#include "runner/platform/clock.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

/// The sweep file's path as any other folder can name it.
std::string absolute_file(const Sweep& sweep) {
  return std::filesystem::absolute(sweep.file).lexically_normal().string();
}

Manifest new_manifest(const Sweep& sweep) {
  Manifest manifest{.name = sweep.name,
                    .file = absolute_file(sweep),
                    .task_text = sweep.task_text,
                    .fingerprint = sweep.fingerprint(),
                    .points = sweep.size(),
                    .seed = sweep.seed};
  for (const Column& column : sweep.space->columns()) manifest.parameters.emplace_back(column.name);
  return manifest;
}

class Taking {
 public:
  Taking(const Sweep& sweep, const RunRequest& request, StopSignals& signals)
      : sweep_(sweep),
        request_(request),
        signals_(signals),
        taken_{SweepDirectory(sweep_directory_path(sweep, request), request.mode)} {}

  Result<TakenDirectory> take() {
    if (auto trusted = directory().check_trusted(); !trusted) return tl::unexpected(trusted.error());
    if (request_.fresh) look_at_code();
    while (!is_taken_) {
      // What there is may change until the lock is taken, so it is looked at again then.
      auto looked = request_.fresh ? Result<void>{} : look();
      if (looked && !is_taken_) looked = hold_or_wait();
      if (looked && taken_.lock && request_.fresh) looked = set_aside();
      if (looked && taken_.lock) looked = look();
      if (looked && taken_.lock && !is_taken_) looked = settle();
      if (looked) continue;
      if (directory().has_entered() && !directory().staging().renew())
        return tl::unexpected(taken_over(directory().path()));
      if (has_asked_ && directory().has_entered())
        SweepSharing::forget_asked(directory());  // others who wait ask again
      return tl::unexpected(looked.error());
    }
    return std::move(taken_);
  }

 private:
  const SweepDirectory& directory() const { return taken_.directory; }
  Manifest& manifest() { return taken_.manifest; }

  /// Reads the manifest. A finished sweep is not held.
  Result<void> look() {
    auto earlier = directory().read_manifest();
    if (!earlier) return tl::unexpected(earlier.error());
    is_new_ = !*earlier;
    manifest() = is_new_ ? new_manifest(sweep_) : std::move(**earlier);
    look_at_code();
    if (is_new_ || !is_finished()) return {};
    if (has_asked_ && taken_.directory.enter()) SweepSharing::forget_asked(directory());
    taken_.lock.reset();
    taken_.directory.leave();
    is_taken_ = true;
    return {};
  }

  /// Once, and not while others wait for the lock: it may take seconds. The manifest tells what is not read.
  void look_at_code() {
    if (taken_.code_files.empty()) taken_.code_files = code_of(sweep_, manifest().codes);
  }

  void number_code() {
    manifest().code = taken_.code_files.empty() ? 0 : number_of(taken_.code_files, manifest().codes);
  }

  /// Takes the lock where it is free.
  Result<void> hold_or_wait() {
    // A folder that was taken from a run that waits and was silent means nothing.
    if (taken_.directory.has_entered() && !directory().staging().renew()) taken_.directory.leave();
    if (auto entered = taken_.directory.enter(); !entered) return entered;
    auto attempt = DirectoryLock::attempt(directory());
    if (!attempt) return tl::unexpected(attempt.error());
    if (attempt->lock) return taken_.lock.emplace(std::move(*attempt->lock)), Result<void>{};
    if (!is_seen_alive(attempt->holder)) return wait_to_see(attempt->holder);
    if (auto may = check_may_share(attempt->holder.identity); !may) return may;
    return wait_to_share(attempt->holder.identity);
  }

  /// Whether it is known to live, or has renewed its file since it was seen first.
  bool is_seen_alive(const LockHolder& holder) {
    const bool is_same = first_seen_ && first_seen_->token == holder.token;
    if (!is_same) first_seen_ = holder;
    return holder.lives || (is_same && first_seen_->renewed_ns != holder.renewed_ns);
  }

  Result<void> wait_to_see(const LockHolder& holder) {
    constexpr int64_t said_after_ns = 3'000'000'000;
    if (waiting_since_ns_ == 0) waiting_since_ns_ = monotonic_ns();
    if (monotonic_ns() - waiting_since_ns_ > said_after_ns && !std::exchange(is_silence_said_, true) &&
        !request_.quiet)
      tell("sweepd: waiting to see whether {}, which had {}, is still alive\n",
           holder.identity.empty() ? "another run" : printable_line(holder.identity.front().name()),
           printable_line(directory().path()));
    return pause();
  }

  /// The other run looks about once a second whether it is asked.
  Result<void> wait_to_share(const std::vector<RunIdentity>& holder) {
    has_asked_ = true;
    if (!is_new_)
      if (auto asked = SweepSharing::ask(directory()); !asked) return asked;
    if (!holder.empty() && !std::exchange(is_waiting_said_, true) && !request_.quiet)
      tell("sweepd: asking {}, which is at work in {}, to share the sweep\n",
           printable_line(holder.front().name()), printable_line(directory().path()));
    return pause();
  }

  /// Many that wait do not all come at once.
  Result<void> pause() {
    signals_.wait(std::chrono::nanoseconds(50'000'000 + monotonic_ns() % 100'000'000));
    if (signals_.pause_requested()) signals_.pause();
    if (signals_.count() == 0) return {};
    return tl::unexpected(Error{.message = "stopped before it could take part; the same command asks again",
                                .where = {},
                                .is_shortage = true});
  }

  /// The lock is held: the directory is this run's alone, or others work in it by claims.
  Result<void> settle() {
    is_taken_ = true;
    SweepSharing::forget_asked(directory());  // who still waits asks again
    const auto members = Claims::living_members(directory());
    if (!members) return tl::unexpected(members.error());
    if (!members->empty()) return join(*members);
    if (auto removed = Claims::remove(directory()); !removed) return removed;
    if (auto tidy = tidy_up(); !tidy) return tidy;
    auto shaped = is_new_ ? directory().create(sweep_) : reshape();
    number_code();
    return shaped;
  }

  /// What earlier versions of sweepd left here where they were killed, and what is none of its files.
  Result<void> tidy_up() {
    if (auto restored = ChunkSwap::restore(directory(), directory().path()); !restored) return restored;
    const auto names = directory().names();
    if (!names) return tl::unexpected(names.error());
    for (const std::string& name : *names)
      if (is_temporary_file_name(name))
        if (auto removed = directory().remove(name); !removed) return removed;
    // Somebody may have removed the whole folder: all points run again.
    if (auto whole = directory().make_chunks(); !whole) return whole;
    const auto notices = set_aside_unfit(directory());
    if (!notices) return tl::unexpected(notices.error());
    for (const std::string& notice : *notices) report_warning(notice);
    return {};
  }

  Result<void> join(const std::vector<RunIdentity>& members) {
    if (auto may = check_may_share(members); !may) return may;
    auto claims = Claims::join(directory());
    if (!claims) return tl::unexpected(claims.error());
    if (claims->blocks().points != sweep_.size())
      return failure(directory().path() +
                     ": its claims are for another number of points; stop all runs of this sweep, then give "
                     "the same command again");
    taken_.claims.emplace(std::move(*claims));
    number_code();
    if (auto written = directory().write_manifest(manifest()); !written) return written;
    taken_.lock.reset();
    return {};
  }

  /// What changes records that others count on; null where nothing does.
  const char* option_for_one() const {
    if (request_.fresh) return "--fresh";
    if (request_.retry_failed) return "--retry-failed";
    return request_.rerun_changed ? "--rerun-changed" : nullptr;
  }

  /// Whether this run may share the sweep of those that are at work.
  Result<void> check_may_share(const std::vector<RunIdentity>& runs) {
    std::string why;
    if (const char* const option = option_for_one(); option != nullptr)
      why = fmt::format("; wait or stop it before {}", option);
    else if (!is_new_ && file_has_changed())
      why = ", for another text of the sweep file; wait or stop it, or choose another folder with --output";
    else if (request_.join)
      return {};
    if (why.empty() || runs.empty()) return tl::unexpected(in_use(directory().path(), runs));
    return failure(directory().path() + " is in use by " + names_of(runs) + why);
  }

  /// Under the lock; what is there afterwards is new.
  Result<void> set_aside() {
    const auto members = Claims::living_members(directory());
    if (!members) return tl::unexpected(members.error());
    if (!members->empty()) return check_may_share(*members);
    const auto aside = sweepd::set_aside(directory());
    if (!aside) return tl::unexpected(aside.error());
    if (*aside) spdlog::info("the earlier sweep directory is now {}", printable_line(**aside));
    return {};
  }

  bool is_finished() {
    const auto is_file = [this](const char* name) {
      const std::string path = directory().file(name);
      return is_there(path).value_or(false) && !unfit(path);
    };
    return manifest().complete && option_for_one() == nullptr && !file_has_changed() &&
           is_file("results.json") && (!sweep_.output.csv || is_file("results.csv")) &&
           is_as_merged(directory(), manifest());
  }

  bool file_has_changed() {
    if (manifest().fingerprint != sweep_.fingerprint()) return true;
    const auto earlier = read_file(directory().file("sweep.yaml"), sweep_.text.size());
    return !earlier || *earlier != sweep_.text;
  }

  Result<void> reshape() {
    manifest().complete = false;
    if (manifest().fingerprint != sweep_.fingerprint())
      if (auto adopted = adopt_earlier(); !adopted) return adopted;
    if (request_.retry_failed || request_.rerun_changed)
      if (auto forgotten = forget_points(); !forgotten) return forgotten;
    manifest().file = absolute_file(sweep_);  // the project may have moved
    if (!file_has_changed()) return {};
    manifest().name = sweep_.name;
    return directory().create(sweep_);
  }

  Result<ChunkFolder> whole_chunks() {
    auto store = ChunkStore::open(directory(), RecordOrigin(manifest().fingerprint));
    return store ? recover_and_report(*store) : tl::unexpected(store.error());
  }

  /// A file that has changed since; one by another name asks for other results.
  Result<void> adopt_earlier() {
    if (valid_utf8(manifest().name) != valid_utf8(sweep_.name))
      return failure(fmt::format(
          "{} belongs to another sweep, '{}' ({}); choose another folder with --output, or set it "
          "aside with --fresh",
          directory().path(), manifest().name, manifest().file));
    const auto chunks = whole_chunks();
    if (!chunks) return tl::unexpected(chunks.error());
    const auto adoption = adopt(sweep_, directory(), *chunks, manifest());
    if (!adoption) return tl::unexpected(adoption.error());
    report_adoption(*adoption);
    return {};
  }

  void report_adoption(const Adoption& adoption) const {
    if (adoption.is_of_other_identity)
      return report_warning(
          fmt::format("these results are of a version of sweepd that gave points other ids and seeds: all "
                      "points run again, and {} "
                      "results are in {} now",
                      with_commas(adoption.archived), adoption.archive));
    std::string text = fmt::format("the sweep file has changed: {} of {} points can be kept",
                                   with_commas(adoption.kept), with_commas(sweep_.size()));
    if (!adoption.reason.empty())
      text += ", since " + adoption.reason + "; --fresh sets the old results aside instead";
    if (adoption.archived > 0)
      text += fmt::format("; {} results that it does not ask for are in {} now and come back when it does",
                          with_commas(adoption.archived), adoption.archive);
    report_warning(text);
  }

  /// What is merged says "complete"; it is made again from the records that are left and those to come.
  Result<void> forget_points() {
    const auto chunks = whole_chunks();
    if (!chunks) return tl::unexpected(chunks.error());
    const EarlierCode earlier = earlier_code(manifest().codes, taken_.code_files);
    const auto unwanted = [&](const ScannedRecord& record) {
      return (request_.retry_failed && !record.ok) ||
             (request_.rerun_changed && earlier.has(code_in(record.text)));
    };
    const auto forgotten = forget(directory(), *chunks, manifest(), unwanted);
    if (!forgotten) return tl::unexpected(forgotten.error());
    return *forgotten > 0 ? directory().remove("results.json") : Result<void>{};
  }

  const Sweep& sweep_;
  const RunRequest& request_;
  StopSignals& signals_;
  TakenDirectory taken_;
  bool is_taken_ = false;
  bool is_new_ = false;  // has no manifest
  bool has_asked_ = false;
  bool is_waiting_said_ = false;
  bool is_silence_said_ = false;
  int64_t waiting_since_ns_ = 0;
  std::optional<LockHolder> first_seen_;
};

}  // namespace

Result<ChunkFolder> recover_and_report(ChunkStore& store) {
  const auto repaired = store.repair();
  if (!repaired) return tl::unexpected(repaired.error());
  for (const std::string& notice : *repaired) report_warning(notice);
  return store.recover();
}

Result<TakenDirectory> take_directory(const Sweep& sweep, const RunRequest& request, StopSignals& signals) {
  return Taking(sweep, request, signals).take();
}

}  // namespace sweepd
