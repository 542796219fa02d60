#include "runner/engine/verification.h"

#include <algorithm>
#include <filesystem>

#include "runner/core/chunk_name.h"
#include "runner/engine/chunk_store.h"
#include "runner/engine/merge_directory.h"
#include "runner/engine/record_check.h"
#include "runner/engine/summary.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;  // of a folder that is not there the chunk store tells
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

class Verifying {
 public:
  Verifying(const Sweep& sweep, const SweepDirectory& directory, const Manifest& manifest)
      : sweep_(sweep), directory_(directory), manifest_(manifest), check_(sweep) {}

  Result<Verification> run(const std::string& scratch) {
    if (!is_there(directory_.chunks()).value_or(true)) {
      found_.faults.push_back({"the folder is missing; 'sweepd run' makes it and runs all points again",
                               {directory_.chunks(), 0, 0}});
      return std::move(found_);
    }
    const auto store = ChunkStore::open(directory_, RecordOrigin(sweep_));
    if (!store) return tl::unexpected(store.error());
    read_records(store->kept());
    const auto committed = store->list_committed();
    if (!committed) return tl::unexpected(committed.error());
    const bool has_all = committed->points() >= sweep_.size();
    if (manifest_.complete && !has_all) tell_missing(*committed);
    if (manifest_.complete && has_all && check_.faults().empty())
      if (auto compared = compare_merged(*committed, scratch); !compared)
        return tl::unexpected(compared.error());
    found_.files = check_.files();
    found_.records = check_.records();
    found_.is_damaged = !check_.faults().empty();
    found_.faults.insert(found_.faults.begin(), check_.faults().begin(), check_.faults().end());
    return std::move(found_);
  }

 private:
  void read_records(const KeptPoints& kept) {
    for (const std::string& name : names_in(directory_.chunks())) {
      if (const auto range = parse_chunk_file_name(name))
        check_.chunk_file(directory_.chunks(), {*range, false}, kept);
      if (name == kept_file_name) check_.kept_file(directory_.chunks() + '/' + name);
    }
    for (const std::string& name : names_in(directory_.path()))
      if (name.starts_with("archive.") && name.ends_with(".ndjson")) check_.archive(directory_.file(name));
  }

  void tell_missing(const ChunkFolder& committed) {
    uint64_t next = 0;
    for (Chunk range : committed.ranges()) {
      tell_missing(committed.kept, {next, range.first});
      next = range.last;
    }
    tell_missing(committed.kept, {next, sweep_.size()});
  }

  void tell_missing(const KeptPoints& kept, const Chunk& range) {
    if (range.empty() || kept.missing_in(range) == 0) return;
    found_.faults.push_back({"the records of " + std::to_string(kept.missing_in(range)) + " of the points " +
                                 std::to_string(range.first) + " to " + std::to_string(range.last - 1) +
                                 " are missing; 'sweepd run' runs them again",
                             {directory_.chunks(), 0, 0}});
  }

  Result<void> compare_merged(const ChunkFolder& committed, const std::string& scratch) {
    SweepDirectory again(scratch);
    if (auto entered = again.enter(); !entered) return entered;
    const auto outcome = merge_records(sweep_, again, committed);
    if (!outcome) return tl::unexpected(outcome.error());
    compare("results.json", again);
    if (sweep_.output.csv) compare("results.csv", again);
    if (outcome->counts.ok != manifest_.ok || outcome->counts.failed != manifest_.failed)
      not_as_made(directory_.file("manifest.json"), 0);
    const auto summary = read_file(directory_.file("summary.json"));
    if (!summary)
      found_.faults.push_back(summary.error());
    else if (*summary != summary_json(manifest_))
      not_as_made(directory_.file("summary.json"), 0);
    found_.merged_files_compared = true;
    return {};
  }

  void compare(const char* name, const SweepDirectory& again) {
    LineReader there, expected;
    for (const auto& opened : {there.open(directory_.file(name)), expected.open(again.file(name))})
      if (!opened) return found_.faults.push_back(opened.error());
    std::string_view line, other;
    for (bool more = true; more;) {
      more = there.next(line);
      const bool expects_more = expected.next(other);
      const bool same = more == expects_more && (more ? line == other : there.tail() == expected.tail());
      if (!same) return not_as_made(directory_.file(name), there.line_number() + (more ? 0 : 1));
    }
  }

  void not_as_made(const std::string& path, uint64_t line) {
    found_.faults.push_back({"this is not what the records come to; 'sweepd merge' makes it again",
                             {path, static_cast<uint32_t>(line), 0}});
  }

  const Sweep& sweep_;
  const SweepDirectory& directory_;
  const Manifest& manifest_;
  RecordCheck check_;
  Verification found_;
};

}  // namespace

Result<Verification> verify(const Sweep& sweep, const SweepDirectory& directory, const Manifest& manifest,
                            const std::string& scratch) {
  return Verifying(sweep, directory, manifest).run(scratch);
}

}  // namespace sweepd
