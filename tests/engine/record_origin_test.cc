#include "runner/engine/record_origin.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "runner/core/record.h"
#include "runner/core/spaces.h"
#include "runner/engine/chunk_store.h"
#include "tests/engine/entered.h"
#include "tests/engine/sweep_fixture.h"

using namespace sweepd;
using sweepd::test::write_text;

namespace {

Sweep numbers(uint64_t seed) {
  Sweep sweep;
  sweep.task = PiTask{};
  sweep.task_text = R"({"kernel":"pi"})";
  sweep.space = *make_range("i", Value::of(int64_t{0}), Value::of(int64_t{9}), Value::of(int64_t{1}), {});
  sweep.seed = seed;
  return sweep;
}

enum class Marked { yes, no };

/// The record of point `index` of `sweep`, as if it were that of point `place`.
std::string record(const Sweep& sweep, uint64_t index, uint64_t place, Marked marked = Marked::yes) {
  std::string line;
  const PointFacts facts = point_facts(sweep, index);
  append_record_head(line, place, text_of(facts.id), facts.params_json);
  (line += ok_and_result) += "1";
  const std::string mark = sweep_mark(sweep.fingerprint());
  append_run(line, 0, {.sweep = marked == Marked::yes ? std::string_view(mark) : std::string_view()});
  return line;
}

std::string record(const Sweep& sweep, uint64_t index) { return record(sweep, index, index); }

/// A chunks/ folder: what is in it, and which points have records that count once it is repaired.
class Chunks {
 public:
  explicit Chunks(const Sweep& sweep) : sweep_(sweep) {}
  void add(const std::string& name, const std::string& text) const { write_text(folder_ / name, text); }
  bool has(const std::string& name) const { return std::filesystem::exists(folder_ / name); }

  std::vector<std::string> repair() const {
    const auto notices = open().repair();
    REQUIRE(notices);
    return *notices;
  }
  std::string points() const {
    const auto recovered = open().recover();
    REQUIRE(recovered);
    std::string points;
    RecordStream records(*recovered);
    while (const ScannedRecord* record = records.next()) points += std::to_string(record->index);
    CHECK(records.finish());
    return points;
  }
  const SweepDirectory& directory() const { return folder_.directory(); }
  ChunkStore open() const {
    auto store = ChunkStore::open(folder_.directory(), RecordOrigin(sweep_));
    REQUIRE(store);
    return std::move(*store);
  }

 private:
  const Sweep& sweep_;
  test::Place folder_;
};

const Sweep ours = numbers(1);
const Sweep theirs = numbers(2);
const char* const name = "000000000000-000000000003.ndjson";

}  // namespace

TEST_CASE("origin: a file of another sweep's records is set aside with a word why, and its points run") {
  const Chunks chunks(ours);
  chunks.add(name, record(theirs, 0) + record(theirs, 1) + record(theirs, 2));
  const auto notices = chunks.repair();
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].find("has a record of another sweep at line 1 (byte 0)") != std::string::npos);
  CHECK(notices[0].find("3 of its 3 points run again") != std::string::npos);
  CHECK(chunks.has(std::string(name) + ".damaged"));
  CHECK(chunks.points().empty());
}

TEST_CASE("origin: of a file that has both, the records of this sweep are kept") {
  const Chunks chunks(ours);
  chunks.add(name, record(ours, 0) + record(theirs, 1) + record(ours, 2));
  CHECK(chunks.repair().size() == 1);
  CHECK(chunks.points() == "02");
  CHECK(chunks.repair().empty());
}

TEST_CASE("origin: kept records of another sweep do not count") {
  const Chunks chunks(ours);
  chunks.add(kept_file_name, record(ours, 1) + record(theirs, 2) + record(ours, 4));
  CHECK(chunks.open().kept().size() == 2);
  const auto notices = chunks.repair();
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].find("has a record of another sweep at line 2") != std::string::npos);
  CHECK(chunks.points() == "14");
  CHECK(chunks.repair().empty());
}

TEST_CASE("origin: what another sweep's run left half written is not salvaged") {
  const Chunks chunks(ours);
  chunks.add("000000000000-000000000003.part", record(theirs, 0) + record(theirs, 1));
  chunks.add("000000000003-000000000006.part", record(ours, 3) + record(theirs, 4));
  CHECK(chunks.points() == "3");
}

TEST_CASE("origin: readers refuse a record of another sweep and say so") {
  const Chunks chunks(ours);
  chunks.add(name, record(ours, 0) + record(theirs, 1) + record(ours, 2));
  const auto folder = chunks.open().list();
  REQUIRE(folder);
  RecordStream records(*folder);
  while (records.next() != nullptr) {
  }
  const auto finished = records.finish();
  REQUIRE_FALSE(finished);
  CHECK(finished.error().text().find(":2: this record belongs to another sweep") != std::string::npos);
}

TEST_CASE(
    "origin: records of earlier versions, which have no mark, count where they have the id of their point") {
  const Chunks chunks(ours);
  chunks.add(
      name, record(ours, 0, 0, Marked::no) + record(ours, 7, 1, Marked::no) + record(ours, 2, 2, Marked::no));
  chunks.add("000000000003-000000000004.part", record(ours, 8, 3, Marked::no));
  chunks.add("000000000010-000000000011.ndjson", record(ours, 8, 10, Marked::no));  // no point of the sweep
  CHECK(chunks.repair().size() == 2);
  CHECK(chunks.points() == "02");
}

TEST_CASE("origin: where only the fingerprint is known, records without a mark count") {
  const Chunks chunks(ours);
  chunks.add(name, record(ours, 7, 0, Marked::no) + record(ours, 1) + record(ours, 2));
  auto store = ChunkStore::open(chunks.directory(), RecordOrigin(ours.fingerprint()));
  REQUIRE(store);
  CHECK(store->repair()->empty());
}
