#include "runner/engine/adoption.h"

#include <utility>
#include <vector>

#include "runner/core/chunk_name.h"
#include "runner/core/point_facts.h"
#include "runner/core/record.h"
#include "runner/engine/chunk_swap.h"
#include "runner/engine/record_stream.h"
#include "runner/engine/record_table.h"
#include "runner/engine/text_table.h"
#include "runner/platform/atomic_file.h"
#include "runner/platform/trusted_file.h"

namespace sweepd {
namespace {

constexpr uint64_t keep_alive_every = 4096;  // records; other hosts believe a silent run dead

/// What an adoption looks for records in: `chunks`, where they are of the same seed, and the archive of that
/// seed.
Result<RecordTable> table_of(const ChunkFolder* chunks, Staging& staging, const std::string& archive) {
  std::vector<std::string> paths;
  if (chunks != nullptr) {
    if (!chunks->kept.empty()) paths.push_back(chunks->path + '/' + kept_file_name);
    for (const ChunkFile& file : chunks->files)
      paths.push_back(chunks->path + '/' + chunk_file_name(file.range));
  }
  const auto has_archive = is_there(archive);
  if (!has_archive) return tl::unexpected(has_archive.error());
  if (*has_archive) paths.push_back(archive);
  RecordTable table;
  for (const std::string& path : paths) {
    staging.keep_alive();
    if (auto added = table.add(path); !added) return tl::unexpected(added.error());
  }
  table.sort();
  return table;
}

/// Writes the records of the points that `sweep` has to `path`, in order of its indices.
Result<void> write_kept(const Sweep& sweep, RecordTable& table, Staging& staging, const std::string& path) {
  auto file = AtomicFile::create(path, staging.path());
  if (!file) return tl::unexpected(file.error());
  PointFactsReader facts(sweep);
  const std::string mark = sweep_mark(sweep.fingerprint());
  std::string line, moved;
  for (uint64_t index = 0; index < sweep.size() && table.taken() < table.size(); ++index) {
    if (index % keep_alive_every == 0) staging.keep_alive();
    const PointFacts& point = facts.at(index);
    const auto taken = table.take(text_of(point.id), line);
    if (!taken) return tl::unexpected(taken.error());
    if (!*taken) continue;
    moved.clear();
    append_moved_record(moved, index, text_of(point.id), point.params_json,
                        scan_record(line, RunPart::present)->outcome(), mark);
    file->append(moved);
    if (file->error()) return tl::unexpected(*file->error());
  }
  return file->commit();
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

/// Such as "the task changed: {…} became {…}".
std::string reason_for_none(const Sweep& sweep, const Manifest& before) {
  constexpr size_t most_shown = 200;  // of a shell text, which may be pages long
  if (before.task_text != sweep.task_text)
    return std::string(std::holds_alternative<CommandTask>(sweep.task) ? "the command" : "the task") +
           " changed: " + terminal_text(before.task_text, most_shown) + " became " +
           terminal_text(sweep.task_text, most_shown);
  if (before.seed != sweep.seed)
    return "the seed changed: " + std::to_string(before.seed) + " became " + std::to_string(sweep.seed);
  return "no point of the earlier file is in this one";
}

Manifest manifest_of(const Sweep& sweep, const Manifest& before) {
  Manifest after = before;
  after.task_text = sweep.task_text;
  after.fingerprint = sweep.fingerprint();
  after.points = sweep.size();
  after.seed = sweep.seed;
  after.complete = false;
  after.parameters.clear();
  for (const Column& column : sweep.space->columns()) after.parameters.emplace_back(column.name);
  return after;
}

}  // namespace

std::string archive_path(const SweepDirectory& directory, uint64_t seed) {
  return directory.file("archive." + std::to_string(seed) + ".ndjson");
}

namespace {

/// Fills the new folder and the archive. No file is open any more when it is done: one that is read cannot be
/// removed on a network file system.
Result<Adoption> sort_out(const Sweep& sweep, const SweepDirectory& directory, const ChunkFolder& chunks,
                          const Manifest& manifest, const std::string& kept_path) {
  // An id says nothing of the sweep's seed, which results may depend on.
  const bool same_seed = manifest.seed == sweep.seed;
  auto table =
      table_of(same_seed ? &chunks : nullptr, directory.staging(), archive_path(directory, sweep.seed));
  if (!table) return tl::unexpected(table.error());
  if (auto kept = write_kept(sweep, *table, directory.staging(), kept_path); !kept)
    return tl::unexpected(kept.error());
  Adoption adoption{.kept = table->taken(), .archive = archive_path(directory, manifest.seed)};
  const RecordTable none;
  const auto archived =
      write_archive(chunks, same_seed ? *table : none, directory.staging(), adoption.archive);
  if (!archived) return tl::unexpected(archived.error());
  adoption.archived = *archived;
  if (adoption.kept == 0) adoption.reason = reason_for_none(sweep, manifest);
  return adoption;
}

/// Copies the records of the points that did not fail; returns how many did.
Result<uint64_t> keep_those_ok(const SweepDirectory& directory, const ChunkFolder& chunks,
                               const std::string& kept_path) {
  auto kept = AtomicFile::create(kept_path, directory.staging().path());
  if (!kept) return tl::unexpected(kept.error());
  uint64_t failed = 0;
  RecordStream records(chunks);
  while (const ScannedRecord* record = records.next()) {
    if (record->index % keep_alive_every == 0) directory.staging().keep_alive();
    if (!record->ok) {
      ++failed;
      continue;
    }
    kept->append(record->text);
    kept->append("\n");
  }
  if (auto finished = records.finish(); !finished) return tl::unexpected(finished.error());
  if (failed == 0) return 0;
  if (auto committed = kept->commit(); !committed) return tl::unexpected(committed.error());
  return failed;
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

Result<uint64_t> forget_failed(const SweepDirectory& directory, const ChunkFolder& chunks,
                               Manifest& manifest) {
  ChunkSwap swap(directory);
  if (auto begun = swap.begin(); !begun) return tl::unexpected(begun.error());
  const auto forgotten = keep_those_ok(directory, chunks, swap.folder() + '/' + kept_file_name);
  if (!forgotten || *forgotten == 0) return forgotten;
  Manifest after = manifest;
  after.complete = false;
  if (auto swapped = swap.commit(manifest, after); !swapped) return tl::unexpected(swapped.error());
  manifest = after;
  return forgotten;
}

}  // namespace sweepd
