#include "runner/core/record.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "runner/core/chunk_name.h"

using namespace sweepd;

TEST_CASE("record: an ok record is one line of JSON with its members in the agreed order") {
  std::string line;
  append_record_head(line, 12, "0123456789abcdef0123", R"({"x":1})");
  line += ok_and_result;
  line += R"({"y":2})";
  append_run(line, 0,
             {.attempt = 2,
              .elapsed_s = 1.5,
              .cpu_s = 0.000000025,
              .max_rss_mib = 3.25,
              .host = "n1",
              .worker = 4,
              .cpus = "4-5",
              .started_us = 1'795'362'974'123'456});
  CHECK(line ==
        R"({"index":12,"id":"0123456789abcdef0123","params":{"x":1},"status":"ok","result":{"y":2},)"
        R"("run":{"attempt":2,"elapsed_s":1.5,"cpu_s":0.000000025,"max_rss_mib":3.3,"host":"n1","worker":4,)"
        R"("cpus":"4-5","started":"2026-11-22T15:56:14.123456Z","check":"93d7f106"}})"
        "\n");
  CHECK(nlohmann::json::accept(line));
}

TEST_CASE("record: a failed record tells the kind, the message, the exit code and standard error") {
  std::string line;
  append_record_head(line, 0, "0123456789abcdef0123", "{}");
  append_error(line, {ErrorKind::exit, "exited with \"3\"", 3, "line 1\nline 2"});
  append_run(line, 0, RunFacts{});
  const auto json = nlohmann::json::parse(line);
  CHECK(json["status"] == "failed");
  CHECK(json["error"]["kind"] == "exit");
  CHECK(json["error"]["message"] == "exited with \"3\"");
  CHECK(json["error"]["exit_code"] == 3);
  CHECK(json["error"]["stderr"] == "line 1\nline 2");
  CHECK_FALSE(json.contains("result"));
}

TEST_CASE("record: the number of the code stands before the mark and is kept when a record moves") {
  std::string line, moved;
  append_record_head(line, 12, "0123456789abcdef0123", R"({"x":1})");
  line += ok_and_result;
  const size_t outcome = line.size() - ok_and_result.size();
  line += R"({"code":7})";
  append_run(line, 0, {.cpus = "4-5", .sweep = "1a2b3c4d", .code = 1234567});
  line.pop_back();
  CHECK(nlohmann::json::parse(line)["run"]["code"] == 1234567);
  CHECK(code_in(line) == 1234567);
  append_moved_record(moved, 3, "0123456789abcdef0123", R"({"x":1})", std::string_view(line).substr(outcome),
                      "5e6f7a8b");
  moved.pop_back();
  CHECK(is_intact(moved));
  CHECK(mark_in(moved) == "5e6f7a8b");
  CHECK(code_in(moved) == 1234567);
}

TEST_CASE("record: one without a code has the number 0, whatever its result holds") {
  std::string line;
  append_record_head(line, 12, "0123456789abcdef0123", R"({"code":5})");
  line += ok_and_result;
  line += "5";
  append_run(line, 0, {.sweep = "1a2b3c4d"});
  line.pop_back();
  CHECK(code_in(line) == 0);
}

TEST_CASE("record: times are written as UTC, also at the edges of years and leap days") {
  const auto text = [](int64_t microseconds) {
    std::string out;
    append_timestamp(out, microseconds);
    return out;
  };
  CHECK(text(0) == "1970-01-01T00:00:00.000000Z");
  CHECK(text(951'782'399'999'999) == "2000-02-28T23:59:59.999999Z");
  CHECK(text(951'782'400'000'000) == "2000-02-29T00:00:00.000000Z");
  CHECK(text(1'735'689'599'000'001) == "2024-12-31T23:59:59.000001Z");
}

TEST_CASE("chunk names: they sort as numbers do and read back as they were") {
  CHECK(chunk_file_name({0, 100}) == "000000000000-000000000100.ndjson");
  CHECK(parse_chunk_file_name("000000000000-000000000100.ndjson") == Chunk{0, 100});
  const Chunk large{uint64_t{1} << 52, uint64_t{1} << 53};
  CHECK(parse_chunk_file_name(chunk_file_name(large)) == large);
  CHECK(parse_part_file_name(part_file_name(large)) == large);
}

TEST_CASE("chunk names: other names are not taken for chunks") {
  for (const char* name :
       {"0-100.ndjson", "000000000000-000000000100.part", "000000000100-000000000100.ndjson",
        "000000000000-000000000100.ndjson.tmp", "-.ndjson", "x00000000000-000000000100.ndjson",
        "000000000000-99999999999999999999999.ndjson", ""})
    CHECK_FALSE(parse_chunk_file_name(name).has_value());
}

TEST_CASE("record: a line is intact only as it was written") {
  std::string line = "text before it in the buffer";
  const size_t begin = line.size();
  append_record_head(line, 7, "0123456789abcdef0123", "{}");
  line += ok_and_result;
  line += "1";
  append_run(line, begin, RunFacts{});
  const std::string record = line.substr(begin, line.size() - begin - 1);
  CHECK(is_intact(record));
  CHECK_FALSE(is_intact(record.substr(1)));
  CHECK_FALSE(is_intact(record.substr(0, record.size() - 1)));
  CHECK_FALSE(is_intact(""));
  for (size_t at = 0; at < record.size(); ++at) {
    std::string changed = record;
    changed[at] ^= 1;
    CHECK_FALSE(is_intact(changed));
  }
}

TEST_CASE("record: it tells the sweep it is of, and keeps all else when it moves to another") {
  std::string line;
  append_record_head(line, 7, "0123456789abcdef0123", "{}");
  const size_t outcome = line.size();
  line += ok_and_result;
  line += R"({"sweep":"00000000"})";
  const std::string unmarked = [line]() mutable {
    append_run(line, 0, RunFacts{});
    return line.substr(0, line.size() - 1);
  }();
  append_run(line, 0, RunFacts{.sweep = "1a2b3c4d"});
  line.pop_back();
  CHECK(mark_in(line) == "1a2b3c4d");
  CHECK(mark_in(unmarked).empty());
  CHECK(mark_in("").empty());
  CHECK(nlohmann::json::parse(line)["run"]["sweep"] == "1a2b3c4d");
  for (const std::string& before : {line, unmarked}) {
    std::string moved;
    append_moved_record(moved, 8, "0123456789abcdef0123", "{}", std::string_view(before).substr(outcome),
                        sweep_mark("5e6f7a8b00000000"));
    moved.pop_back();
    CHECK(is_intact(moved));
    CHECK(mark_in(moved) == "5e6f7a8b");
    const auto json = nlohmann::json::parse(moved);
    CHECK(json["index"] == 8);
    CHECK(json["result"] == nlohmann::json::parse(line)["result"]);
    CHECK(json["run"]["started"] == nlohmann::json::parse(line)["run"]["started"]);
  }
}
