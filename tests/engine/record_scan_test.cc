#include "runner/engine/record_scan.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/engine/sweep_fixture.h"

namespace sweepd {
namespace {

using test::record_line;
using test::SweepFolder;

std::string without_newline(std::string line) {
  line.pop_back();
  return line;
}

TEST_CASE("record scan: the parts of an ok record") {
  const std::string line = without_newline(record_line(12, R"({"a":1})", R"({"pi":3.0})"));
  const auto record = scan_record(line, 12, RunPart::present);
  REQUIRE(record);
  CHECK(record->ok);
  CHECK(record->id == "0123456789abcdef0123");
  CHECK(record->params == R"({"a":1})");
  CHECK(record->value == R"({"pi":3.0})");
  CHECK(record->core ==
        R"({"index":12,"id":"0123456789abcdef0123","params":{"a":1},"status":"ok","result":{"pi":3.0})");
  const std::string merged = std::string(record->core) + '}';
  CHECK(scan_record(merged, RunPart::absent)->value == record->value);
}

TEST_CASE("record scan: a failed record has its error") {
  const std::string line = without_newline(record_line(0, "{}", "!broken"));
  const auto record = scan_record(line, 0, RunPart::present);
  REQUIRE(record);
  CHECK_FALSE(record->ok);
  CHECK(record->params == "{}");
  CHECK(record->value.starts_with(R"({"kind":"exit","message":"broken")"));
}

TEST_CASE("record scan: values that look like a record's structure do not deceive it") {
  const std::string params = R"({"a":"},\"status\":\"failed\",\"error\":{","b":"}}","c":"\\"})";
  const std::string result =
      R"({"x":{},"status":"failed","error":{"run":{}},"t":",\"run\":{\"attempt\":1}}"})";
  const std::string line = without_newline(record_line(3, params, result));
  const auto record = scan_record(line, 3, RunPart::present);
  REQUIRE(record);
  CHECK(record->ok);
  CHECK(record->params == params);
  CHECK(record->value == result);
}

TEST_CASE("record scan: results that are no objects") {
  for (const char* result : {"3.25", "null", "\"text {\"", "[{},{}]", "true"}) {
    const std::string line = without_newline(record_line(1, R"({"a":1})", result));
    CHECK(scan_record(line, 1, RunPart::present)->value == result);
  }
}

TEST_CASE("record scan: every line cut short, and every line of another point, is refused") {
  const std::string line = without_newline(record_line(12, R"({"a":1})", R"({"pi":3.0})"));
  for (size_t length = 0; length < line.size(); ++length)
    CHECK_FALSE(scan_record(std::string_view(line).substr(0, length), 12, RunPart::present));
  CHECK_FALSE(scan_record(line, 1, RunPart::present));
  CHECK_FALSE(scan_record(line, 123, RunPart::present));
  CHECK_FALSE(scan_record(' ' + line, 12, RunPart::present));
  std::string zeros = line;
  zeros.replace(90, 4, 4, '\0');
  CHECK_FALSE(scan_record(zeros, 12, RunPart::present));
}

struct Scanned {
  uint64_t records = 0;
  Result<uint64_t> end = 0;
};

Scanned scan(const SweepFolder& folder, const ChunkFile& file) {
  RecordScan records(folder.chunks());
  Scanned scanned;
  if (const Result<void> opened = records.open(file); !opened) {
    scanned.end = tl::unexpected(opened.error());
    return scanned;
  }
  while (records.next() != nullptr) ++scanned.records;
  scanned.end = records.finish();
  return scanned;
}

const std::string three = record_line(5, "{}", "1") + record_line(6, "{}", "2") + record_line(7, "{}", "3");

TEST_CASE("record scan: a whole chunk file") {
  SweepFolder folder;
  const Scanned scanned = scan(folder, folder.add_text({5, 8}, three));
  CHECK(scanned.records == 3);
  CHECK(scanned.end.value() == 3);
}

TEST_CASE("record scan: a chunk file with a missing, an extra, a wrong or a torn line names file and line") {
  SweepFolder folder;
  const auto error_of = [&](Chunk range, const std::string& text) {
    const ChunkFile file = folder.add_text(range, text);
    const Scanned scanned = scan(folder, file);
    REQUIRE_FALSE(scanned.end);
    CHECK(scanned.end.error().where.file == folder.path_of(file));
    return scanned.end.error();
  };
  CHECK(error_of({5, 9}, three).where.line == 4);
  CHECK(error_of({5, 9}, three).message.find("ends after 3 of its 4 records") != std::string::npos);
  CHECK(error_of({5, 7}, three).where.line == 3);
  CHECK(error_of({5, 7}, three).message.find("ends before point 7") != std::string::npos);
  CHECK(error_of({4, 7}, three).where.line == 1);
  CHECK(error_of({5, 8}, three + "{").where.line == 4);
  CHECK(error_of({5, 8}, three.substr(0, three.size() - 1)).where.line == 3);
  CHECK(error_of({5, 8}, "").where.line == 1);
  std::string swapped = record_line(5, "{}", "1") + record_line(7, "{}", "3") + record_line(6, "{}", "2");
  CHECK(error_of({5, 8}, swapped).where.line == 2);
  CHECK(error_of({5, 8}, swapped).message.find("point 6") != std::string::npos);
}

TEST_CASE("record scan: a part file counts up to its torn last line") {
  SweepFolder folder;
  const Scanned scanned = scan(folder, folder.add_text({5, 100}, three + three.substr(0, 40), true));
  CHECK(scanned.records == 3);
  CHECK(scanned.end.value() == 3);
}

TEST_CASE("record scan: a missing file is an error with its path") {
  const SweepFolder folder;
  const Scanned scanned = scan(folder, {{0, 1}, false});
  REQUIRE_FALSE(scanned.end);
  CHECK(scanned.end.error().text().find("000000000000-000000000001.ndjson") != std::string::npos);
}

TEST_CASE("record scan: records larger than the buffer") {
  SweepFolder folder;
  std::string text;
  for (uint64_t i = 0; i < 6; ++i)
    text += record_line(
        i, "{}", '"' + std::string(100'000 * (i % 3) * (i % 3) * (i % 3) + 200'000 * (i % 2), 'x') + '"');
  const Scanned scanned = scan(folder, folder.add_text({0, 6}, text));
  CHECK(scanned.end.value() == 6);
}

}  // namespace
}  // namespace sweepd
