#include "runner/cli/taken_directory.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <filesystem>

#include "runner/cli/messages.h"
#include "runner/cli/request_sweep.h"
#include "runner/cli/terminal.h"
#include "runner/engine/adoption.h"
#include "runner/engine/chunk_swap.h"
#include "runner/platform/atomic_file.h"

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
  Taking(const Sweep& sweep, const RunRequest& request)
      : sweep_(sweep),
        request_(request),
        taken_{SweepDirectory(sweep_directory_path(sweep, request), request.mode)} {}

  Result<TakenDirectory> take() {
    if (request_.fresh)
      if (auto aside = set_aside(); !aside) return tl::unexpected(aside.error());
    const auto earlier = take_up_earlier();
    if (!earlier) return tl::unexpected(earlier.error());
    if (!*earlier)
      if (auto made = make(); !made) return tl::unexpected(made.error());
    return std::move(taken_);
  }

 private:
  const SweepDirectory& directory() const { return taken_.directory; }
  Manifest& manifest() { return taken_.manifest; }

  Result<void> hold() {
    auto lock = DirectoryLock::take(directory().path());
    if (!lock) return tl::unexpected(lock.error());
    taken_.lock.emplace(std::move(*lock));
    return {};
  }

  Result<void> make() {
    manifest() = new_manifest(sweep_);
    const auto created = directory().create(sweep_);
    return created ? hold() : created;
  }

  Result<void> set_aside() {
    const auto earlier = directory().read_manifest();
    if (earlier && *earlier)
      if (auto held = hold(); !held) return held;
    const auto aside = directory().set_aside();
    taken_.lock.reset();
    if (!aside) return tl::unexpected(aside.error());
    if (*aside) spdlog::info("the earlier sweep directory is now {}", **aside);
    return {};
  }

  /// False where there is no earlier one.
  Result<bool> take_up_earlier() {
    for (const bool holding : {false, true}) {
      auto earlier = directory().read_manifest();
      if (!earlier) return tl::unexpected(earlier.error());
      if (!*earlier) return false;
      manifest() = std::move(**earlier);
      if (is_finished()) return true;
      if (holding) break;
      if (auto held = hold(); !held)
        return tl::unexpected(held.error());  // and look again: it may have ended since
    }
    const auto reshaped = reshape();
    return reshaped ? Result<bool>(true) : tl::unexpected(reshaped.error());
  }

  bool is_finished() {
    const auto is_there = [this](const char* name) {
      return access(directory().file(name).c_str(), F_OK) == 0;
    };
    return manifest().complete && !request_.retry_failed && !file_has_changed() && is_there("results.json") &&
           (!sweep_.output.csv || is_there("results.csv"));
  }

  bool file_has_changed() {
    if (manifest().fingerprint != sweep_.fingerprint()) return true;
    const auto earlier = read_file(directory().file("sweep.yaml"));
    return !earlier || *earlier != sweep_.text;
  }

  Result<void> reshape() {
    if (auto tidy = ChunkSwap::tidy_up(directory(), manifest()); !tidy) return tidy;
    manifest().complete = false;
    if (manifest().fingerprint != sweep_.fingerprint())
      if (auto adopted = adopt_earlier(); !adopted) return adopted;
    if (request_.retry_failed)
      if (auto forgotten = forget_failed_points(); !forgotten) return forgotten;
    if (!file_has_changed()) return {};
    manifest().name = sweep_.name;
    manifest().file = absolute_file(sweep_);
    return directory().create(sweep_);
  }

  Result<ChunkFolder> whole_chunks() const {
    auto store = ChunkStore::open(directory().chunks());
    return store ? recover_and_report(*store) : tl::unexpected(store.error());
  }

  /// A file that has changed since; one by another name asks for other results.
  Result<void> adopt_earlier() {
    if (manifest().name != sweep_.name)
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
  Result<void> forget_failed_points() {
    const auto chunks = whole_chunks();
    if (!chunks) return tl::unexpected(chunks.error());
    const auto forgotten = forget_failed(directory(), *chunks, manifest());
    if (!forgotten) return tl::unexpected(forgotten.error());
    if (*forgotten > 0) unlink(directory().file("results.json").c_str());
    return {};
  }

  const Sweep& sweep_;
  const RunRequest& request_;
  TakenDirectory taken_;
};

}  // namespace

Result<ChunkFolder> recover_and_report(ChunkStore& store) {
  const auto repaired = store.repair();
  if (!repaired) return tl::unexpected(repaired.error());
  for (const std::string& notice : *repaired) report_warning(notice);
  return store.recover();
}

Result<TakenDirectory> take_directory(const Sweep& sweep, const RunRequest& request) {
  return Taking(sweep, request).take();
}

}  // namespace sweepd
