#include "runner/engine/adoption.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "runner/core/chunk_name.h"
#include "runner/core/point_facts.h"
#include "runner/core/record.h"
#include "runner/core/spaces.h"
#include "runner/engine/chunk_store.h"
#include "runner/engine/chunk_swap.h"
#include "runner/engine/record_table.h"
#include "runner/engine/takeover.h"
#include "tests/engine/entered.h"

using namespace sweepd;

namespace {

/// Points {"i":first}, {"i":first+step}, ... below `last`.
Sweep numbers(int64_t first, int64_t last, int64_t step = 1, std::string task = R"({"kernel":"pi"})") {
  Sweep sweep;
  sweep.name = "numbers";
  sweep.task = PiTask{};
  sweep.task_text = sweep.task_identity = std::move(task);
  sweep.space = *make_range("i", Value::of(first), Value::of(last), Value::of(step), {});
  return sweep;
}

Manifest manifest_of(const Sweep& sweep) {
  return {.name = sweep.name,
          .file = "/sweep.yaml",
          .task_text = sweep.task_text,
          .fingerprint = sweep.fingerprint(),
          .points = sweep.size(),
          .seed = sweep.seed,
          .parameters = {"i"},
          .complete = true};
}

/// A sweep directory in which points have the result `i` (a failure where i is `failing`).
class Stored {
 public:
  explicit Stored(const Sweep& sweep) : directory_(folder_ / "s"), manifest_(manifest_of(sweep)) {
    REQUIRE(directory_.enter());
    REQUIRE(directory_.create(sweep));
    REQUIRE(directory_.write_manifest(manifest_));
  }

  void run(const Sweep& sweep, const Chunk& chunk, int64_t failing = -1) {
    std::string text;
    const std::string mark = sweep_mark(sweep.fingerprint());
    for (uint64_t index = chunk.first; index < chunk.last; ++index) {
      const PointFacts facts = point_facts(sweep, index);
      const int64_t i = facts.point.front().value.integer();
      const size_t begin = text.size();
      append_record_head(text, index, text_of(facts.id), facts.params_json);
      if (i == failing)
        append_error(text, {ErrorKind::exit, "no", 3, ""});
      else
        text.append(ok_and_result).append(std::to_string(i));
      append_run(text, begin, {.sweep = mark});
    }
    std::ofstream(directory_.chunks() + "/" + chunk_file_name(chunk)) << text;
  }

  /// "index:result" of every record, in order, with "!" for failures; checks that each is the record of its
  /// point.
  std::string records(const Sweep& sweep) const {
    std::string text;
    const ChunkFolder folder = chunks();
    RecordStream stream(folder);
    while (const ScannedRecord* record = stream.next()) {
      const PointFacts facts = point_facts(sweep, record->index);
      CHECK(record->id == text_of(facts.id));
      CHECK(record->params == facts.params_json);
      CHECK(record->sweep == sweep_mark(sweep.fingerprint()));
      text += (text.empty() ? "" : " ") + std::to_string(record->index) + ':' +
              (record->ok ? std::string(record->value) : "!");
    }
    CHECK(stream.finish());
    return text;
  }

  Result<Adoption> adopt(const Sweep& sweep) { return sweepd::adopt(sweep, directory_, chunks(), manifest_); }
  Result<uint64_t> forget_failed() {
    return forget(directory_, chunks(), manifest_, [](const ScannedRecord& record) { return !record.ok; });
  }

  uint64_t archived(uint64_t seed = 0) const {
    RecordTable table;
    Manifest manifest = manifest_;
    manifest.seed = seed;
    const std::string path = archive_path(directory_, manifest);
    if (!std::filesystem::exists(path)) return 0;
    REQUIRE(table.add(path));
    return table.size();
  }

  const SweepDirectory& directory() const { return directory_; }
  Manifest& manifest() { return manifest_; }

 private:
  ChunkFolder chunks() const {
    const auto store = ChunkStore::open(directory_, {});
    REQUIRE(store);
    const auto chunks = store->list();
    REQUIRE(chunks);
    return *chunks;
  }

  TemporaryFolder folder_;
  SweepDirectory directory_;
  Manifest manifest_;
};

}  // namespace

TEST_CASE("adoption: points that the changed sweep still has keep their records at their new places") {
  const Sweep before = numbers(0, 10, 2);  // 0 2 4 6 8
  Stored stored(before);
  stored.run(before, {0, 3});
  stored.run(before, {3, 5}, 8);
  const Sweep after = numbers(1, 9);  // 1 to 8
  const auto adoption = stored.adopt(after);
  REQUIRE(adoption);
  CHECK(adoption->kept == 4);
  CHECK(adoption->archived == 1);
  CHECK(adoption->reason.empty());
  CHECK(stored.records(after) == "1:2 3:4 5:6 7:!");
  CHECK(stored.archived() == 1);
  CHECK(stored.manifest().fingerprint == after.fingerprint());
  CHECK(stored.directory().read_manifest().value()->points == 8);
  CHECK_FALSE(stored.manifest().complete);
}

TEST_CASE("adoption: results come back from the archive when the file asks for them again") {
  const Sweep all = numbers(0, 6);
  const Sweep some = numbers(0, 3);
  Stored stored(all);
  stored.run(all, {0, 6});
  REQUIRE(stored.adopt(some));
  CHECK(stored.records(some) == "0:0 1:1 2:2");
  CHECK(stored.archived() == 3);
  const auto again = stored.adopt(all);
  REQUIRE(again);
  CHECK(again->kept == 6);
  CHECK(stored.records(all) == "0:0 1:1 2:2 3:3 4:4 5:5");
  REQUIRE(stored.adopt(some));
  CHECK(stored.archived() == 3);  // each of them once
}

TEST_CASE("adoption: a changed task keeps nothing, says why, and loses nothing") {
  const Sweep before = numbers(0, 4);
  const Sweep after = numbers(0, 4, 1, R"({"kernel":"tau"})");
  Stored stored(before);
  stored.run(before, {0, 4});
  const auto adoption = stored.adopt(after);
  REQUIRE(adoption);
  CHECK(adoption->kept == 0);
  CHECK(adoption->archived == 4);
  CHECK(adoption->reason == R"(the task changed: {"kernel":"pi"} became {"kernel":"tau"})");
  CHECK(stored.records(after).empty());
  REQUIRE(stored.adopt(before));
  CHECK(stored.records(before) == "0:0 1:1 2:2 3:3");
}

TEST_CASE("adoption: results of another seed are not taken for this one's, though ids agree") {
  const Sweep before = numbers(0, 4);
  Sweep after = before;
  after.seed = 7;
  Stored stored(before);
  stored.run(before, {0, 4});
  const auto adoption = stored.adopt(after);
  REQUIRE(adoption);
  CHECK(adoption->kept == 0);
  CHECK(adoption->reason == "the seed changed: 0 became 7");
  CHECK(stored.archived(0) == 4);
  CHECK(stored.archived(7) == 0);
  REQUIRE(stored.adopt(before));
  CHECK(stored.records(before) == "0:0 1:1 2:2 3:3");
}

TEST_CASE("adoption: failed points are forgotten all at once and nothing else is") {
  const Sweep sweep = numbers(0, 5);
  Stored stored(sweep);
  stored.run(sweep, {0, 3}, 1);
  stored.run(sweep, {3, 5}, 4);
  const auto forgotten = stored.forget_failed();
  REQUIRE(forgotten);
  CHECK(*forgotten == 2);
  CHECK(stored.records(sweep) == "0:0 2:2 3:3");
  CHECK_FALSE(stored.manifest().complete);
}

TEST_CASE("adoption: where no point failed, forgetting leaves everything as it is") {
  const Sweep sweep = numbers(0, 5);
  Stored stored(sweep);
  stored.run(sweep, {0, 5});
  CHECK(stored.forget_failed().value() == 0);
  CHECK(stored.manifest().complete);
  CHECK(std::filesystem::exists(stored.directory().chunks() + "/000000000000-000000000005.ndjson"));
}

TEST_CASE("adoption: a crash at any moment of the swap leaves the old chunks or the new ones") {
  namespace fs = std::filesystem;
  const Sweep before = numbers(0, 4);
  const Sweep after = numbers(2, 6);
  Stored stored(before);
  stored.run(before, {0, 4});
  const std::string chunks = stored.directory().chunks();
  const std::string dead = test::plant_run(stored.directory().path(), "00000000000000ff", host_name(), 0);
  const std::string old = dead + "/chunks." + before.fingerprint(), next = dead + "/chunks.next";
  SUBCASE("while the new folder is being filled") {
    fs::create_directory(next);
    std::ofstream(next + "/kept.ndjson") << "half";
  }
  SUBCASE("after the old one was moved away") {
    fs::create_directory(next);
    fs::rename(chunks, old);
  }
  SUBCASE("after the new one took its place") {
    fs::rename(chunks, old);
    fs::create_directory(chunks);
    std::ofstream(chunks + "/kept.ndjson") << "";
  }
  REQUIRE(clear_dead_runs(stored.directory()));
  CHECK(stored.records(before) == "0:0 1:1 2:2 3:3");
  CHECK_FALSE(fs::exists(dead));
}

TEST_CASE("adoption: a crash before the old chunks are removed leaves the new ones") {
  namespace fs = std::filesystem;
  const Sweep before = numbers(0, 4);
  const Sweep after = numbers(2, 6);
  Stored stored(before);
  stored.run(before, {0, 4});
  REQUIRE(stored.adopt(after));
  const std::string dead = test::plant_run(stored.directory().path(), "00000000000000ff", host_name(), 0);
  fs::create_directory(dead + "/chunks." + before.fingerprint());
  std::ofstream(dead + "/chunks." + before.fingerprint() + "/000000000000-000000000001.ndjson") << "x";
  REQUIRE(clear_dead_runs(stored.directory()));
  CHECK_FALSE(fs::exists(dead));
  CHECK(stored.records(after) == "0:2 1:3");
}
