// A sweep directory in a folder of its own, filled by hand: what merging and printing are tested on.
#pragma once

#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/core/chunk_name.h"
#include "runner/core/record.h"
#include "runner/core/space.h"
#include "runner/core/sweep.h"
#include "runner/engine/merger.h"
#include "runner/engine/record_stream.h"
#include "tests/engine/entered.h"

namespace sweepd::test {

inline std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void write_text(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

/// A space that has a size and names, but no points: nothing here asks for them.
class NamedSpace : public ParameterSpace {
 public:
  NamedSpace(uint64_t size, std::vector<std::string> names) : size_(size), names_(std::move(names)) {}
  uint64_t size() const override { return size_; }
  void append(uint64_t, Point&) const override {}
  Rank rank(uint64_t) const override { return {}; }
  uint64_t count(const Point&) const override { return 0; }
  std::vector<Column> columns() const override {
    std::vector<Column> columns;
    for (const std::string& name : names_) columns.push_back({name, true});
    return columns;
  }
  bool visit(std::string_view, const Visit&) const override { return true; }
  uint64_t fingerprint() const override { return size_; }

 private:
  uint64_t size_;
  std::vector<std::string> names_;
};

inline Sweep make_sweep(uint64_t size, std::vector<std::string> names) {
  Sweep sweep;
  sweep.name = "test";
  sweep.task = PiTask{};
  sweep.task_text = R"({"kernel":"pi"})";
  sweep.space = std::make_shared<NamedSpace>(size, std::move(names));
  sweep.seed = 42;
  return sweep;
}

/// One record's line; `worker` differs from run to run. A result that begins with '!' is a failure's message.
inline std::string record_line(uint64_t index, std::string_view params, std::string_view result,
                               uint32_t worker = 0) {
  std::string line;
  append_record_head(line, index, "0123456789abcdef0123", params);
  if (result.starts_with('!'))
    append_error(line, {ErrorKind::exit, std::string(result.substr(1)), 3, "oh\n"});
  else
    line.append(ok_and_result).append(result);
  RunFacts run;
  run.elapsed_s = 0.25 * worker;
  run.host = "node1";
  run.worker = worker;
  run.cpus = "4-5";
  append_run(line, 0, run);
  return line;
}

/// Parameters and result of a point.
using Outcomes = std::vector<std::pair<std::string, std::string>>;

/// The sweep directory and its chunks/.
class SweepFolder {
 public:
  SweepFolder() { std::filesystem::create_directory(folder_ / "chunks"); }
  const SweepDirectory& directory() const { return directory_; }

  const std::string& path() const { return folder_.path(); }
  std::string chunks() const { return folder_ / "chunks"; }
  std::string results() const { return text_of_file(folder_ / "results.json"); }
  std::string csv() const { return text_of_file(folder_ / "results.csv"); }
  std::string path_of(const ChunkFile& file) const {
    return file.part ? file.folder + '/' + part_file_name(file.range)
                     : chunks() + '/' + chunk_file_name(file.range);
  }
  /// How many, but for this process's staging folder.
  size_t entries() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(path()), {})) - 1;
  }

  /// The chunk file of points [first, last) of `outcomes`.
  ChunkFile add(const Outcomes& outcomes, uint64_t first, uint64_t last, uint32_t worker = 0) {
    std::string text;
    for (uint64_t i = first; i < last; ++i)
      text += record_line(i, outcomes[i].first, outcomes[i].second, worker);
    return add_text({first, last}, text);
  }
  ChunkFile add_text(Chunk range, std::string_view text, bool part = false) {
    const ChunkFile file{.range = range, .part = part, .folder = chunks()};
    write_text(path_of(file), text);
    files_.push_back(file);
    return file;
  }
  const std::vector<ChunkFile>& files() const { return files_; }
  ChunkFolder stored() const { return {chunks(), files_, {}}; }

 private:
  TemporaryFolder folder_;
  SweepDirectory directory_ = entered(folder_.path());
  std::vector<ChunkFile> files_;
};

/// Merges what is in the folder.
inline Result<MergeOutcome> merge(const Sweep& sweep, const SweepFolder& folder) {
  Result<Merger> merger = Merger::create(sweep, folder.directory());
  if (!merger) return tl::unexpected(merger.error());
  const ChunkFolder stored = folder.stored();
  RecordStream records(stored);
  if (Result<void> added = merger->add(records); !added) return tl::unexpected(added.error());
  return merger->finish();
}

}  // namespace sweepd::test
