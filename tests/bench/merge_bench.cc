// How fast chunk files become results.json, without and with `reduce` and CSV: MB of records per second (of
// wall time with the fsync at the end, and of processor time) and the peak memory of the process. Prints one
// JSON object.
//
//   merge_bench [RECORDS [FOLDER]]     default: 1000000 records in a new folder under the current one
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "runner/core/chunk_name.h"
#include "runner/core/json.h"
#include "runner/core/record.h"
#include "runner/engine/merger.h"
#include "runner/platform/atomic_file.h"
#include "runner/platform/clock.h"

namespace {

using namespace sweepd;

constexpr uint64_t records_per_chunk = 10'000;
constexpr int repeats = 5;

/// Knows its size and names; merging asks for no more.
class BenchSpace : public ParameterSpace {
 public:
  explicit BenchSpace(uint64_t size) : size_(size) {}
  uint64_t size() const override { return size_; }
  void append(uint64_t, Point&) const override {}
  Rank rank(uint64_t) const override { return {}; }
  uint64_t count(const Point&) const override { return 0; }
  std::vector<Column> columns() const override { return {{"darts", true}, {"trial", true}}; }
  bool visit(std::string_view, const Visit&) const override { return true; }
  uint64_t fingerprint() const override { return size_; }

 private:
  uint64_t size_;
};

std::string record(uint64_t index) {
  std::string line;
  const std::string params = "{\"darts\":" + std::to_string(1'000'000 * (1 + index % 10)) +
                             ".0,\"trial\":" + std::to_string(index / 10) + "}";
  append_record_head(line, index, "0123456789abcdef0123", params);
  line += ok_and_result;
  append_json(line += "{\"pi\":", 3.14159 + 1e-9 * static_cast<double>(index));
  append_json(line += ",\"hits\":", 785'398 + index % 1000);
  append_json(line += ",\"darts\":", uint64_t{1'000'000});
  append_json(line += ",\"standard_error\":", 0.0016 + 1e-10 * static_cast<double>(index));
  line += '}';
  append_run(line, 0, {1, 0.000123, 0.000122, 5.2, "node-17", 3, "4-5", 1'700'000'000'000'000, "1a2b3c4d"});
  return line;
}

struct Chunks {
  std::vector<ChunkFile> files;
  uint64_t bytes = 0;
};

Chunks write_chunks(const std::string& folder, uint64_t records) {
  Chunks chunks;
  for (uint64_t first = 0; first < records; first += records_per_chunk) {
    const Chunk range{first, std::min(first + records_per_chunk, records)};
    std::string text;
    for (uint64_t i = range.first; i < range.last; ++i) text += record(i);
    if (!write_file(folder + "/chunks/" + chunk_file_name(range), folder, text, Durability::unsynced))
      std::exit(4);
    chunks.files.push_back({range});
    chunks.bytes += text.size();
  }
  ::sync();
  return chunks;
}

struct Measurement {
  double seconds = 0;
  double cpu_s = 0;
  double peak_mib = 0;
};

/// In a process of its own, so that its peak memory is its own.
Measurement measure(const Sweep& sweep, const SweepDirectory& directory, const Chunks& chunks) {
  const int64_t begin = monotonic_ns();
  const pid_t child = ::fork();
  if (child == 0) {
    Result<Merger> merger = Merger::create(sweep, directory);
    bool ok = merger.has_value();
    const ChunkFolder stored{directory.chunks(), chunks.files, {}};
    RecordStream records(stored);
    ok = ok && merger->add(records);
    ::_exit(ok && merger->finish() ? 0 : 4);
  }
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  if (status != 0) std::exit(4);
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return {1e-9 * static_cast<double>(monotonic_ns() - begin),
          seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
          static_cast<double>(usage.ru_maxrss) / 1024};
}

Measurement median_of(std::vector<Measurement> runs) {
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
  return runs[runs.size() / 2];
}

void print(const char* name, const Measurement& run, const Chunks& chunks, uint64_t records, bool is_last) {
  const double megabytes = 1e-6 * static_cast<double>(chunks.bytes);
  std::printf("  \"%s\": {\"mb_per_s\": %.0f, \"mb_per_cpu_s\": %.0f, \"ns_per_record\": %.0f, ", name,
              megabytes / run.seconds, megabytes / run.cpu_s,
              1e9 * run.seconds / static_cast<double>(records));
  std::printf("\"seconds\": %.4f, \"peak_mib\": %.1f}%s\n", run.seconds, run.peak_mib, is_last ? "" : ",");
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t records = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  std::string folder = (argc > 2 ? std::string(argv[2]) : std::string(".")) + "/merge-bench-XXXXXX";
  if (records == 0 || ::mkdtemp(folder.data()) == nullptr) return 2;
  SweepDirectory directory(folder);
  if (!directory.enter()) return 4;
  std::filesystem::create_directory(directory.chunks());
  const Chunks chunks = write_chunks(folder, records);

  Sweep plain;
  plain.name = "bench";
  plain.task_text = "{\"kernel\":\"pi\"}";
  plain.space = std::make_shared<BenchSpace>(records);
  Sweep reduce = plain;
  reduce.reduce = {{"darts"}, {{"pi", {Statistic::mean, Statistic::std}}, {"hits", {Statistic::sum}}}};
  Sweep csv = plain;
  csv.output.csv = true;
  Sweep both = reduce;
  both.output.csv = true;

  const std::vector<std::pair<const char*, const Sweep*>> cases = {
      {"merge", &plain}, {"merge_reduce", &reduce}, {"merge_csv", &csv}, {"merge_reduce_csv", &both}};
  std::vector<std::vector<Measurement>> runs(cases.size());
  for (int i = 0; i < repeats; ++i)
    for (size_t j = 0; j < cases.size(); ++j) runs[j].push_back(measure(*cases[j].second, directory, chunks));

  std::printf("{\n  \"records\": %llu,\n  \"bytes\": %llu,\n", static_cast<unsigned long long>(records),
              static_cast<unsigned long long>(chunks.bytes));
  for (size_t j = 0; j < cases.size(); ++j)
    print(cases[j].first, median_of(runs[j]), chunks, records, j + 1 == cases.size());
  std::printf("}\n");
  std::filesystem::remove_all(folder);
  return 0;
}
