#include "runner/engine/chunk_store.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "runner/core/record.h"
#include "tests/engine/entered.h"

using namespace sweepd;
using test::Place;

namespace {

std::string record(uint64_t index, bool ok = true) {
  std::string line;
  append_record_head(line, index, "0123456789abcdef0123", "{\"i\":1}");
  if (ok)
    (line += ok_and_result) += "1";
  else
    append_error(line, {});
  append_run(line, 0, RunFacts{});
  return line;
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string part(const Place& folder) {
  return folder.directory().staging().path() + "/000000000003-000000000009.part";
}

}  // namespace

TEST_CASE("store: a torn last record is dropped and the ones before it are committed") {
  const Place folder;
  write(part(folder), record(3) + record(4, false) + record(5).substr(0, 40));
  const auto salvage = folder.store().salvage({3, 9});
  REQUIRE(salvage);
  CHECK(salvage->until == 5);
  CHECK(salvage->failed == 1);
  CHECK_FALSE(std::filesystem::exists(part(folder)));
  const std::string committed = folder.path() + "/000000000003-000000000005.ndjson";
  CHECK(std::filesystem::file_size(committed) == (record(3) + record(4, false)).size());
}

TEST_CASE("store: a record cut just before its newline is not complete") {
  const Place folder;
  std::string line = record(3);
  line.pop_back();
  write(part(folder), line);
  const auto salvage = folder.store().salvage({3, 9});
  REQUIRE(salvage);
  CHECK(salvage->until == 3);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("store: a part file with a record of another point counts up to that point") {
  const Place folder;
  write(part(folder), record(3) + record(5) + record(6));
  const auto salvage = folder.store().salvage({3, 9});
  REQUIRE(salvage);
  CHECK(salvage->until == 4);
}

TEST_CASE("store: no part file means nothing was done") {
  const Place folder;
  const auto salvage = folder.store().salvage({3, 9});
  REQUIRE(salvage);
  CHECK(salvage->until == 3);
}

TEST_CASE("store: what a worker committed before it died without a word is found") {
  const Place folder;
  write(folder.path() + "/000000000003-000000000006.ndjson", record(3) + record(4, false) + record(5));
  const auto salvage = folder.store().salvage({3, 9});
  REQUIRE(salvage);
  CHECK(salvage->until == 6);
  CHECK(salvage->failed == 1);
}

TEST_CASE("store: recovery lists committed and salvaged chunks in order and leaves strangers alone") {
  const Place folder;
  write(folder.path() + "/000000000000-000000000001.ndjson", record(0));
  write(part(folder), record(3));
  write(folder.path() + "/notes.txt", "mine");
  const auto files = folder.store().recover();
  REQUIRE(files);
  REQUIRE(files->files.size() == 2);
  CHECK(files->files[0].range == Chunk{0, 1});
  CHECK(files->files[1].range == Chunk{3, 4});
  CHECK(std::filesystem::exists(folder.path() + "/notes.txt"));
}

/// Which points the folder's records are of, in order.
std::vector<uint64_t> indices(const ChunkFolder& folder) {
  std::vector<uint64_t> found;
  RecordStream records(folder);
  while (const ScannedRecord* next = records.next()) found.push_back(next->index);
  CHECK(records.finish());
  return found;
}

TEST_CASE("store: where files overlap each point counts once, in the one that begins first") {
  const Place folder;
  write(folder.path() + "/000000000000-000000000002.ndjson", record(0) + record(1));
  write(folder.path() + "/000000000001-000000000003.ndjson", record(1, false) + record(2));
  const auto files = folder.store().list();
  REQUIRE(files);
  CHECK(files->points() == 3);
  CHECK(files->ranges() == std::vector<Chunk>{{0, 2}, {2, 3}});
  CHECK(indices(*files) == std::vector<uint64_t>{0, 1, 2});
}

TEST_CASE("store: a part file of an earlier version, in chunks itself, is salvaged") {
  const Place folder;
  write(folder / "000000000003-000000000009.part", record(3) + record(4));
  const auto files = folder.store().recover();
  REQUIRE(files);
  CHECK(files->ranges() == std::vector<Chunk>{{3, 5}});
  CHECK_FALSE(std::filesystem::exists(folder / "000000000003-000000000009.part"));
}

TEST_CASE("store: a writer that is believed dead and is not cannot commit what was salvaged from it") {
  const Place folder;
  std::ofstream writer(part(folder));
  writer << record(3) << std::flush;
  const auto files = folder.store().recover();
  REQUIRE(files);
  writer << record(4) << std::flush;
  CHECK(rename(part(folder).c_str(), (folder / "000000000003-000000000005.ndjson").c_str()) != 0);
  CHECK(indices(*folder.store().list()) == std::vector<uint64_t>{3});
}

TEST_CASE("store: chunks run past kept points, whose records come from a file of their own") {
  const Place folder;
  write(folder / kept_file_name, record(1) + record(2) + record(5));
  write(folder.path() + "/000000000000-000000000004.ndjson", record(0) + record(3));
  write(folder.path() + "/000000000004-000000000009.part", record(4) + record(6) + record(7).substr(0, 30));
  ChunkStore store = folder.store();
  CHECK(store.kept().size() == 3);
  CHECK(store.repair()->empty());
  const auto files = store.recover();
  REQUIRE(files);
  CHECK(files->ranges() == std::vector<Chunk>{{0, 4}, {4, 7}});
  CHECK(indices(*files) == std::vector<uint64_t>{0, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("store: a damaged record among the kept ones is missing afterwards, and no other") {
  const Place folder;
  std::string damaged = record(1) + record(2) + record(5);
  damaged[record(1).size() + 20] ^= 1;
  write(folder / kept_file_name, damaged);
  write(folder.path() + "/000000000000-000000000004.ndjson", record(0) + record(3));
  ChunkStore store = folder.store();
  const auto notices = store.repair();
  REQUIRE(notices);
  CHECK(notices->front().find("kept.ndjson is damaged at line 2 (byte " + std::to_string(record(1).size())) !=
        std::string::npos);
  CHECK(std::filesystem::exists(folder / "kept.ndjson.damaged"));
  CHECK(indices(*store.recover()) == std::vector<uint64_t>{0, 1, 3, 5});
  CHECK(folder.store().repair()->empty());
}

TEST_CASE("store: a file within the range of another does not count") {
  const Place folder;
  write(folder.path() + "/000000000000-000000000003.ndjson", record(0) + record(1, false) + record(2));
  write(folder.path() + "/000000000000-000000000001.ndjson", record(0));
  write(folder.path() + "/000000000002-000000000003.ndjson", record(2));
  const auto files = folder.store().list();
  REQUIRE(files);
  REQUIRE(files->files.size() == 1);
  CHECK(files->files[0].range == Chunk{0, 3});
}

TEST_CASE(
    "store: whichever byte of a file is changed, exactly the record it stood in is missing afterwards") {
  const std::string whole = record(0) + record(1) + record(2);
  const size_t length = record(0).size();
  for (size_t at = 0; at < whole.size(); ++at) {
    CAPTURE(at);
    const Place folder;
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x15);
    write(folder.path() + "/000000000000-000000000003.ndjson", damaged);
    ChunkStore store = folder.store();
    const auto notices = store.repair();
    REQUIRE(notices);
    REQUIRE(notices->size() == 1);
    const std::string place =
        "at line " + std::to_string(at / length + 1) + " (byte " + std::to_string(at / length * length) + ")";
    CHECK(notices->front().find(place) != std::string::npos);
    CHECK(std::filesystem::exists(folder / "000000000000-000000000003.ndjson.damaged"));
    const auto files = store.recover();
    REQUIRE(files);
    std::vector<uint64_t> kept;
    for (const ChunkFile& file : files->files)
      for (uint64_t index = file.range.first; index < file.range.last; ++index) kept.push_back(index);
    std::vector<uint64_t> expected;
    for (uint64_t index = 0; index < 3; ++index)
      if (index != at / length) expected.push_back(index);
    // A newline that is gone makes one line of two records.
    const bool newline = at % length == length - 1;
    if (newline && at / length < 2) std::erase(expected, at / length + 1);
    CHECK(kept == expected);
  }
}

TEST_CASE("store: wherever a file is cut, the whole records before the cut are kept") {
  const std::string whole = record(0) + record(1);
  const size_t length = record(0).size();
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    CAPTURE(bytes);
    const Place folder;
    write(folder.path() + "/000000000000-000000000002.ndjson", whole.substr(0, bytes));
    ChunkStore store = folder.store();
    REQUIRE(store.repair());
    const auto files = store.recover();
    REQUIRE(files);
    CHECK(files->files.size() == (bytes >= length ? 1 : 0));
  }
}

TEST_CASE("store: whole files are left as they are") {
  const Place folder;
  write(folder.path() + "/000000000000-000000000002.ndjson", record(0) + record(1, false));
  const auto notices = folder.store().repair();
  REQUIRE(notices);
  CHECK(notices->empty());
  CHECK(std::filesystem::exists(folder / "000000000000-000000000002.ndjson"));
}
