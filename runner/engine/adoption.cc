#include "runner/engine/adoption.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "runner/core/chunk_name.h"
#include "runner/core/command_result.h"
#include "runner/core/enum_names.h"
#include "runner/core/point_facts.h"
#include "runner/core/record.h"
#include "runner/core/task_traits.h"
#include "runner/engine/chunk_swap.h"
#include "runner/engine/record_stream.h"
#include "runner/engine/record_table.h"
#include "runner/engine/small_json.h"
#include "runner/engine/text_table.h"
#include "runner/platform/atomic_file.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

constexpr uint64_t keep_alive_every = 4096;  // records; other hosts believe a silent run dead

std::vector<std::string> files_of(const ChunkFolder& chunks) {
  std::vector<std::string> paths;
  if (!chunks.kept.empty()) paths.push_back(chunks.path + '/' + kept_file_name);
  for (const ChunkFile& file : chunks.files) paths.push_back(chunks.path + '/' + chunk_file_name(file.range));
  return paths;
}

Result<RecordTable> table_of(const std::vector<std::string>& paths, Staging& staging) {
  RecordTable table;
  for (const std::string& path : paths) {
    staging.keep_alive();
    if (auto added = table.add(path); !added) return tl::unexpected(added.error());
  }
  table.sort();
  return table;
}

/// What tells records of one way to read a command's output from those of another; empty for kernels.
std::string result_of(const std::string& task_text) {
  const auto task = parse_small_json(task_text);
  return task && task->contains("result") ? task->at("result").get<std::string>() : "";
}

const std::string archive_prefix = "archive.";
std::string earlier_prefix(const Manifest& manifest) {
  return archive_prefix + "identity-" + std::to_string(manifest.identity) + '.';
}

/// Records that may be kept.
struct Source {
  RecordTable table;
  std::string result;  ///< how commands' outputs were read
};

/// The value of a command's result read in another way; none where the output was not kept.
std::optional<std::string> value_for(std::string_view value, const std::string& before,
                                     const std::string& result) {
  if (result == name_of(ResultKind::none)) return "null";
  std::string json;
  const bool is_text_as_json = before == name_of(ResultKind::text) && result == name_of(ResultKind::json);
  if (is_text_as_json && append_json_of_text_result(value, json)) return json;
  return std::nullopt;
}

/// The outcome of a record as it would have been with the sweep's result; none where the output was not kept.
std::optional<std::string> outcome_for(const ScannedRecord& record, const Source& source,
                                       const std::string& result) {
  if (source.result == result) return std::string(record.outcome());
  static const std::string kind = "\"kind\":\"" + std::string(name_of(ErrorKind::result)) + '"';
  const bool is_of_reading = record.value.find(kind) != std::string_view::npos;
  if (!record.ok) return is_of_reading ? std::nullopt : std::optional<std::string>(record.outcome());
  const auto value = value_for(record.value, source.result, result);
  if (!value) return std::nullopt;
  const auto value_at = static_cast<size_t>(record.value.data() - record.outcome().data());
  return std::string(record.outcome()).replace(value_at, record.value.size(), *value);
}

bool has_more(const Source& source) { return source.table.taken() < source.table.size(); }

/// Writes the records of the points that `sweep` has to `path`, in order of its indices; returns how many.
/// The first of the sources that has one counts.
Result<uint64_t> write_kept(const Sweep& sweep, std::vector<Source>& sources, Staging& staging,
                            const std::string& path) {
  auto file = AtomicFile::create(path, staging.path());
  if (!file) return tl::unexpected(file.error());
  PointFactsReader facts(sweep);
  const std::string mark = sweep_mark(sweep.fingerprint()), result = result_of(sweep.task_text);
  std::string line, moved;
  uint64_t kept = 0;
  for (uint64_t index = 0; index < sweep.size() && std::any_of(sources.begin(), sources.end(), has_more);
       ++index) {
    if (index % keep_alive_every == 0) staging.keep_alive();
    const PointFacts& point = facts.at(index);
    for (Source& source : sources) {
      const auto taken = source.table.take(text_of(point.id), line);
      if (!taken) return tl::unexpected(taken.error());
      const auto outcome =
          *taken ? outcome_for(*scan_record(line, RunPart::present), source, result) : std::nullopt;
      if (!outcome) continue;
      moved.clear();
      append_moved_record(moved, index, text_of(point.id), point.params_json, *outcome, mark);
      file->append(moved);
      if (file->error()) return tl::unexpected(*file->error());
      ++kept;
      break;
    }
  }
  if (auto committed = file->commit(); !committed) return tl::unexpected(committed.error());
  return kept;
}

/// Appends to `file` what the archive `path` has but for records that stand elsewhere in `table`, too.
Result<void> append_archive(const std::string& path, const RecordTable& table, AtomicFile& file) {
  const auto there = is_there(path);
  if (!there) return tl::unexpected(there.error());
  if (!*there) return {};
  LineReader lines;
  if (auto opened = lines.open(path); !opened) return opened;
  for (std::string_view line; lines.next(line);) {
    const auto record = scan_record(line, RunPart::present);
    if (!record || table.is_elsewhere(record->id, path)) continue;
    file.append(line);
    file.append("\n");
  }
  return lines.error() ? Result<void>(tl::unexpected(*lines.error())) : Result<void>{};
}

/// Puts the records of `chunks` that were not taken into the archive `path`, before those that are in it.
/// What was taken from there stays until the next time: only then it is sure to stand in chunks/.
Result<uint64_t> write_archive(const ChunkFolder& chunks, const RecordTable& table, Staging& staging,
                               const std::string& path) {
  auto file = AtomicFile::create(path, staging.path());
  if (!file) return tl::unexpected(file.error());
  uint64_t archived = 0;
  RecordStream records(chunks);
  while (const ScannedRecord* record = records.next()) {
    if (record->index % keep_alive_every == 0) staging.keep_alive();
    if (table.was_taken(record->id)) continue;
    file->append(record->text);
    file->append("\n");
    ++archived;
  }
  if (auto finished = records.finish(); !finished) return tl::unexpected(finished.error());
  if (archived == 0) return 0;
  if (auto appended = append_archive(path, table, *file); !appended) return tl::unexpected(appended.error());
  if (auto committed = file->commit(); !committed) return tl::unexpected(committed.error());
  return archived;
}

bool is_same_but_for_result(const std::string& task_text, TaskTraits traits) {
  if (traits.program == nullptr) return false;
  Program program = *traits.program;
  traits.program = &program;
  for (size_t kind = 0; kind < enum_names<ResultKind>.size(); ++kind) {
    program.result = static_cast<ResultKind>(kind);
    if (text_of(traits) == task_text) return true;
  }
  return false;
}

/// Such as "the task changed: {…} became {…}".
std::string reason_for_none(const Sweep& sweep, const Manifest& before) {
  constexpr size_t most_shown = 200;  // of a shell text, which may be pages long
  if (before.identity != identity_version) return "that version gave points other ids and seeds";
  const TaskTraits traits = traits_of(sweep.task);
  if (before.task_text != sweep.task_text && is_same_but_for_result(before.task_text, traits))
    return "what is read of the output now was not kept";
  if (before.task_text != sweep.task_text)
    return std::string(traits.program != nullptr ? "the command" : "the task") +
           " changed: " + terminal_text(before.task_text, most_shown) + " became " +
           terminal_text(sweep.task_text, most_shown);
  if (before.seed != sweep.seed)
    return "the seed changed: " + std::to_string(before.seed) + " became " + std::to_string(sweep.seed);
  return "no point of the earlier file is in this one";
}

Manifest manifest_of(const Sweep& sweep, const Manifest& before) {
  Manifest after = before;
  after.task_text = sweep.task_text;
  after.identity = identity_version;
  after.fingerprint = sweep.fingerprint();
  after.points = sweep.size();
  after.seed = sweep.seed;
  after.complete = false;
  after.parameters.clear();
  for (const Column& column : sweep.space->columns()) after.parameters.emplace_back(column.name);
  return after;
}

/// Of records with another result than the manifest's.
std::string archive_path(const SweepDirectory& directory, const Manifest& manifest,
                         const std::string& result) {
  const bool is_usual = result.empty() || result == name_of(ResultKind::json);
  return directory.file((manifest.identity == identity_version ? archive_prefix : earlier_prefix(manifest)) +
                        std::to_string(manifest.seed) + (is_usual ? "" : '.' + result) + ".ndjson");
}

}  // namespace

std::string archive_path(const SweepDirectory& directory, const Manifest& manifest) {
  return archive_path(directory, manifest, result_of(manifest.task_text));
}

namespace {

/// Where records can come from for a task with this result: first what was read of the output in the same
/// way, then what was read in others. Kernels have one way.
std::vector<std::string> results_of_sources(const std::string& result) {
  if (result.empty()) return {result};
  std::vector<std::string> results = {result};
  for (const ResultKind kind : {ResultKind::text, ResultKind::json, ResultKind::none})
    if (name_of(kind) != result) results.emplace_back(name_of(kind));
  return results;
}

/// What an adoption looks for records in: `files`, which are of the manifest's sweep, and archives.
Result<std::vector<Source>> sources_of(const Sweep& sweep, const SweepDirectory& directory,
                                       const Manifest& manifest, const std::vector<std::string>& files) {
  const Manifest after = manifest_of(sweep, manifest);
  std::vector<Source> sources;
  for (const std::string& result : results_of_sources(result_of(sweep.task_text))) {
    std::vector<std::string> paths;
    if (result == result_of(manifest.task_text)) paths = files;
    const std::string archive = archive_path(directory, after, result);
    const auto has_archive = is_there(archive);
    if (!has_archive) return tl::unexpected(has_archive.error());
    if (*has_archive) paths.push_back(archive);
    auto table = table_of(paths, directory.staging());
    if (!table) return tl::unexpected(table.error());
    sources.push_back({std::move(*table), result});
  }
  return sources;
}

/// Gives the archives of another identity names of their own, so that nothing is ever looked for in them.
Result<void> put_away_archives(const SweepDirectory& directory, const Manifest& before) {
  const auto names = directory.names();
  if (!names) return tl::unexpected(names.error());
  const RecordTable none;
  for (const std::string& name : *names) {
    if (!name.starts_with(archive_prefix) || name.starts_with(archive_prefix + "identity-")) continue;
    const std::string path = directory.file(earlier_prefix(before) + name.substr(archive_prefix.size()));
    auto file = AtomicFile::create(path, directory.staging().path());
    if (!file) return tl::unexpected(file.error());
    for (const std::string& part : {path, directory.file(name)})
      if (auto appended = append_archive(part, none, *file); !appended) return appended;
    if (auto committed = file->commit(); !committed) return committed;
    if (auto removed = directory.remove(name); !removed) return removed;
  }
  return {};
}

/// Fills the new folder and the archive. No file is open any more when it is done: one that is read cannot be
/// removed on a network file system.
Result<Adoption> sort_out(const Sweep& sweep, const SweepDirectory& directory, const ChunkFolder& chunks,
                          const Manifest& manifest, const std::string& kept_path) {
  // An id says nothing of the sweep's seed, which results may depend on.
  const bool may_keep = manifest.seed == sweep.seed && manifest.identity == identity_version;
  if (manifest.identity != identity_version)
    if (auto away = put_away_archives(directory, manifest); !away) return tl::unexpected(away.error());
  Staging& staging = directory.staging();
  const std::string archive = archive_path(directory, manifest);
  auto sources =
      sources_of(sweep, directory, manifest, may_keep ? files_of(chunks) : std::vector<std::string>{});
  if (!sources) return tl::unexpected(sources.error());
  const auto kept = write_kept(sweep, *sources, staging, kept_path);
  if (!kept) return tl::unexpected(kept.error());
  const RecordTable none;
  const bool is_sorted_out = may_keep && result_of(manifest.task_text) == result_of(sweep.task_text);
  const auto archived =
      write_archive(chunks, is_sorted_out ? sources->front().table : none, staging, archive);
  if (!archived) return tl::unexpected(archived.error());
  Adoption adoption{.kept = *kept, .archived = *archived, .archive = archive};
  adoption.is_of_other_identity = manifest.identity != identity_version;
  if (adoption.kept == 0) adoption.reason = reason_for_none(sweep, manifest);
  return adoption;
}

/// Copies the records that are wanted; returns how many are not.
Result<uint64_t> keep_the_others(const SweepDirectory& directory, const ChunkFolder& chunks,
                                 const std::string& kept_path,
                                 const std::function<bool(const ScannedRecord&)>& unwanted) {
  auto kept = AtomicFile::create(kept_path, directory.staging().path());
  if (!kept) return tl::unexpected(kept.error());
  uint64_t forgotten = 0;
  RecordStream records(chunks);
  while (const ScannedRecord* record = records.next()) {
    if (record->index % keep_alive_every == 0) directory.staging().keep_alive();
    if (unwanted(*record)) {
      ++forgotten;
      continue;
    }
    kept->append(record->text);
    kept->append("\n");
  }
  if (auto finished = records.finish(); !finished) return tl::unexpected(finished.error());
  if (forgotten == 0) return 0;
  if (auto committed = kept->commit(); !committed) return tl::unexpected(committed.error());
  return forgotten;
}

}  // namespace

Result<Adoption> adopt(const Sweep& sweep, const SweepDirectory& directory, const ChunkFolder& chunks,
                       Manifest& manifest) {
  ChunkSwap swap(directory);
  if (auto begun = swap.begin(); !begun) return tl::unexpected(begun.error());
  auto adoption = sort_out(sweep, directory, chunks, manifest, swap.folder() + '/' + kept_file_name);
  if (!adoption) return adoption;
  Manifest after = manifest_of(sweep, manifest);
  if (auto swapped = swap.commit(manifest, after); !swapped) return tl::unexpected(swapped.error());
  manifest = after;
  return adoption;
}

Result<uint64_t> forget(const SweepDirectory& directory, const ChunkFolder& chunks, Manifest& manifest,
                        const std::function<bool(const ScannedRecord&)>& unwanted) {
  ChunkSwap swap(directory);
  if (auto begun = swap.begin(); !begun) return tl::unexpected(begun.error());
  const auto forgotten = keep_the_others(directory, chunks, swap.folder() + '/' + kept_file_name, unwanted);
  if (!forgotten || *forgotten == 0) return forgotten;
  Manifest after = manifest;
  after.complete = false;
  if (auto swapped = swap.commit(manifest, after); !swapped) return tl::unexpected(swapped.error());
  manifest = after;
  return forgotten;
}

}  // namespace sweepd
