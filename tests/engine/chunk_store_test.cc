#include "runner/engine/chunk_store.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "runner/core/record.h"
#include "tests/temporary_folder.h"

using namespace sweepd;

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

std::string part(const TemporaryFolder& folder) { return folder.path() + "/000000000003-000000000009.part"; }

}  // namespace

TEST_CASE("store: a torn last record is dropped and the ones before it are committed") {
  const TemporaryFolder folder;
  write(part(folder), record(3) + record(4, false) + record(5).substr(0, 40));
  const auto salvage = ChunkStore(folder.path()).salvage({3, 9});
  REQUIRE(salvage);
  CHECK(salvage->until == 5);
  CHECK(salvage->failed == 1);
  CHECK_FALSE(std::filesystem::exists(part(folder)));
  const std::string committed = folder.path() + "/000000000003-000000000005.ndjson";
  CHECK(std::filesystem::file_size(committed) == (record(3) + record(4, false)).size());
}

TEST_CASE("store: a record cut just before its newline is not complete") {
  const TemporaryFolder folder;
  std::string line = record(3);
  line.pop_back();
  write(part(folder), line);
  const auto salvage = ChunkStore(folder.path()).salvage({3, 9});
  REQUIRE(salvage);
  CHECK(salvage->until == 3);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("store: a part file with a record of another point counts up to that point") {
  const TemporaryFolder folder;
  write(part(folder), record(3) + record(5) + record(6));
  const auto salvage = ChunkStore(folder.path()).salvage({3, 9});
  REQUIRE(salvage);
  CHECK(salvage->until == 4);
}

TEST_CASE("store: no part file means nothing was done") {
  const TemporaryFolder folder;
  const auto salvage = ChunkStore(folder.path()).salvage({3, 9});
  REQUIRE(salvage);
  CHECK(salvage->until == 3);
}

TEST_CASE("store: recovery lists committed and salvaged chunks in order and leaves strangers alone") {
  const TemporaryFolder folder;
  write(folder.path() + "/000000000000-000000000001.ndjson", record(0));
  write(part(folder), record(3));
  write(folder.path() + "/notes.txt", "mine");
  const auto files = ChunkStore(folder.path()).recover();
  REQUIRE(files);
  REQUIRE(files->size() == 2);
  CHECK((*files)[0].range == Chunk{0, 1});
  CHECK((*files)[1].range == Chunk{3, 4});
  CHECK(std::filesystem::exists(folder.path() + "/notes.txt"));
}

TEST_CASE("store: overlapping chunk files are an error that names both") {
  const TemporaryFolder folder;
  write(folder.path() + "/000000000000-000000000002.ndjson", record(0) + record(1));
  write(folder.path() + "/000000000001-000000000003.ndjson", record(1) + record(2));
  const auto files = ChunkStore(folder.path()).list();
  REQUIRE_FALSE(files);
  CHECK(files.error().message.find("000000000000-000000000002.ndjson") != std::string::npos);
  CHECK(files.error().message.find("000000000001-000000000003.ndjson") != std::string::npos);
}

TEST_CASE("store: forgetting failed points keeps every other record") {
  const TemporaryFolder folder;
  write(folder.path() + "/000000000000-000000000005.ndjson",
        record(0, false) + record(1) + record(2) + record(3, false) + record(4));
  write(folder.path() + "/000000000005-000000000006.ndjson", record(5));
  const ChunkStore store(folder.path());
  const auto forgotten = store.forget_failed();
  REQUIRE(forgotten);
  CHECK(*forgotten == 2);
  const auto files = store.list();
  REQUIRE(files);
  REQUIRE(files->size() == 3);
  CHECK((*files)[0].range == Chunk{1, 3});
  CHECK((*files)[1].range == Chunk{4, 5});
  CHECK((*files)[2].range == Chunk{5, 6});
  CHECK(std::filesystem::file_size(store.path({1, 3})) == (record(1) + record(2)).size());
}

TEST_CASE("store: a file within the range of another does not count") {
  const TemporaryFolder folder;
  write(folder.path() + "/000000000000-000000000003.ndjson", record(0) + record(1, false) + record(2));
  write(folder.path() + "/000000000000-000000000001.ndjson", record(0));
  write(folder.path() + "/000000000002-000000000003.ndjson", record(2));
  const auto files = ChunkStore(folder.path()).list();
  REQUIRE(files);
  REQUIRE(files->size() == 1);
  CHECK((*files)[0].range == Chunk{0, 3});
}

TEST_CASE(
    "store: whichever byte of a file is changed, exactly the record it stood in is missing afterwards") {
  const std::string whole = record(0) + record(1) + record(2);
  const size_t length = record(0).size();
  for (size_t at = 0; at < whole.size(); ++at) {
    CAPTURE(at);
    const TemporaryFolder folder;
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x15);
    write(folder.path() + "/000000000000-000000000003.ndjson", damaged);
    const ChunkStore store(folder.path());
    const auto notices = store.repair();
    REQUIRE(notices);
    REQUIRE(notices->size() == 1);
    CHECK(std::filesystem::exists(folder / "000000000000-000000000003.ndjson.damaged"));
    const auto files = store.recover();
    REQUIRE(files);
    std::vector<uint64_t> kept;
    for (const ChunkFile& file : *files)
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
    const TemporaryFolder folder;
    write(folder.path() + "/000000000000-000000000002.ndjson", whole.substr(0, bytes));
    const ChunkStore store(folder.path());
    REQUIRE(store.repair());
    const auto files = store.recover();
    REQUIRE(files);
    CHECK(files->size() == (bytes >= length ? 1 : 0));
  }
}

TEST_CASE("store: whole files are left as they are") {
  const TemporaryFolder folder;
  write(folder.path() + "/000000000000-000000000002.ndjson", record(0) + record(1, false));
  const auto notices = ChunkStore(folder.path()).repair();
  REQUIRE(notices);
  CHECK(notices->empty());
  CHECK(std::filesystem::exists(folder / "000000000000-000000000002.ndjson"));
}
