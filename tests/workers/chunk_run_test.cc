#include "workers/chunk_run.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "runner/core/chunk_name.h"
#include "runner/core/json.h"
#include "runner/core/record.h"
#include "runner/core/spaces.h"
#include "tests/temporary_folder.h"

using namespace sweepd;
using namespace std::chrono_literals;

namespace {

/// Does what a test says for each point; its result is the point's index.
class ScriptedRunner : public TaskRunner {
 public:
  std::function<Outcome(const PointContext&)> script = [](const PointContext&) { return Outcome{}; };
  std::vector<uint64_t> ran;

  Outcome run(const PointContext& context, std::string& result) override {
    ran.push_back(context.index);
    append_json(result, context.index);
    return script(context);
  }
};

Outcome failed() {
  Outcome outcome;
  outcome.failure = Failure{ErrorKind::exit, "no luck", 1, {}};
  return outcome;
}

/// A sweep of 100 points, a folder for its chunks, and a worker's place.
class Bench {
 public:
  Bench() {
    sweep.task = PiTask{};
    sweep.task_text = R"({"kernel":"pi"})";
    sweep.space = *make_range("i", Value::of(int64_t{0}), Value::of(int64_t{100}), Value::of(int64_t{1}), {});
  }

  Result<ChunkEnd> run(const Assignment& assignment, uint64_t lease = 1) {
    const UniqueFd folder(open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const ChunkContext context{sweep,  no_kept_points, runner, agent,      cell, {folder.get(), folder.get()},
                               "node", WorkerId{0},    "0",    "1a2b3c4d", 7};
    return run_chunk(context, assignment, lease);
  }
  /// The lines of a file of the folder; each has been checked to be intact and marked as of this sweep.
  std::vector<std::string> lines(const std::string& name) const {
    std::ifstream file(folder_.path() + '/' + name);
    std::vector<std::string> all;
    for (std::string line; std::getline(file, line); all.push_back(line)) {
      CHECK(is_intact(line));
      CHECK(mark_in(line) == "1a2b3c4d");
      CHECK(code_in(line) == 7);
    }
    return all;
  }
  size_t files() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_.path()), {}));
  }

  Sweep sweep;
  ScriptedRunner runner;
  AgentCell agent;
  WorkerCell cell;

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("chunk run: what is short ends the chunk before that point, which has no record") {
  Bench bench;
  bench.runner.script = [](const PointContext& context) {
    Outcome outcome;
    if (context.index == 7) outcome.broken = Error{"no more processes", {}, true};
    return outcome;
  };
  const auto end = bench.run({.chunk = {5, 10}});
  REQUIRE(end);
  CHECK(end->report.until == 7);
  REQUIRE(end->broken);
  CHECK(end->broken->is_shortage);
  CHECK(bench.lines(chunk_file_name({5, 7})).size() == 2);
  CHECK(bench.files() == 1);
}

TEST_CASE("chunk run: a shortage at the first point leaves no file, and a later chunk can be run") {
  Bench bench;
  bench.runner.script = [](const PointContext&) {
    Outcome outcome;
    outcome.broken = Error{"no more processes", {}, true};
    return outcome;
  };
  CHECK(bench.run({.chunk = {0, 10}})->report.until == 0);
  CHECK(bench.files() == 0);
  bench.runner.script = [](const PointContext&) { return Outcome{}; };
  const auto end = bench.run({.chunk = {0, 10}});
  CHECK(end->report.until == 10);
  CHECK_FALSE(end->broken);
}

TEST_CASE("chunk run: a shortage while the sweep is being stopped is not reported") {
  Bench bench;
  bench.runner.script = [&bench](const PointContext& context) {
    bench.agent.winding_down = true;
    CHECK(context.pulse->is_stopping());
    Outcome outcome;
    outcome.broken = Error{"no more processes", {}, true};
    return outcome;
  };
  const auto end = bench.run({.chunk = {0, 10}});
  REQUIRE(end);
  CHECK_FALSE(end->broken);
}

TEST_CASE("chunk run: during a long point, finished records reach the file when they are due, whole") {
  Bench bench;
  const std::string part = part_file_name({0, 10});
  bench.runner.script = [&](const PointContext& context) {
    if (context.index != 5) return context.index == 6 ? failed() : Outcome{};
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (bench.lines(part).empty() && std::chrono::steady_clock::now() < deadline) context.pulse->beat();
    CHECK(bench.lines(part).size() == 5);
    return Outcome{};
  };
  const auto end = bench.run({.chunk = {0, 10}});
  REQUIRE(end);
  const auto lines = bench.lines(chunk_file_name({0, 10}));
  REQUIRE(lines.size() == 10);
  for (size_t i = 0; i < lines.size(); ++i)
    CHECK(lines[i].starts_with("{\"index\":" + std::to_string(i) + ','));
  CHECK(lines[5].find("\"result\":5,") != std::string::npos);
  CHECK(lines[6].find("no luck") != std::string::npos);
}

TEST_CASE("chunk run: a point of a kernel that fails after a beat has a whole record") {
  Bench bench;
  bench.runner.script = [&](const PointContext& context) {
    if (context.index != 1) return Outcome{};
    const auto due = std::chrono::steady_clock::now() + 250ms;
    while (std::chrono::steady_clock::now() < due) context.pulse->beat();
    return failed();
  };
  REQUIRE(bench.run({.chunk = {0, 3}}));
  const auto lines = bench.lines(chunk_file_name({0, 3}));
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].find("\"status\":\"failed\"") != std::string::npos);
}

TEST_CASE("chunk run: records of points that start processes reach the file one by one") {
  Bench bench;
  bench.sweep.task = CommandTask{};
  bench.runner.script = [&](const PointContext& context) {
    CHECK(bench.lines(part_file_name({0, 5})).size() == context.index);
    return Outcome{};
  };
  REQUIRE(bench.run({.chunk = {0, 5}}));
}

TEST_CASE("chunk run: a later attempt of the first point waits for the back-off, the others do not") {
  Bench bench;
  bench.sweep.retries = {.max = 3, .backoff = 50ms};
  const auto began = std::chrono::steady_clock::now();
  std::vector<Duration> begun;
  bench.runner.script = [&](const PointContext&) {
    begun.push_back(std::chrono::steady_clock::now() - began);
    return Outcome{};
  };
  REQUIRE(bench.run({.chunk = {0, 2}, .attempt = 2}));
  REQUIRE(begun.size() == 2);
  CHECK(begun[0] >= 50ms);
  CHECK(bench.lines(chunk_file_name({0, 2}))[0].find("\"attempt\":2") != std::string::npos);
  CHECK(bench.lines(chunk_file_name({0, 2}))[1].find("\"attempt\":1") != std::string::npos);
}

TEST_CASE("chunk run: failed attempts are made again as often as is asked for") {
  Bench bench;
  bench.sweep.retries.max = 2;
  bench.runner.script = [](const PointContext& context) { return context.index == 1 ? failed() : Outcome{}; };
  const auto end = bench.run({.chunk = {0, 3}});
  REQUIRE(end);
  CHECK(bench.runner.ran == std::vector<uint64_t>{0, 1, 1, 1, 2});
  CHECK(end->report.retries == 2);
  CHECK(end->report.failed == 1);
}

TEST_CASE("chunk run: a point that is interrupted with the sweep has no record, and those before it have") {
  Bench bench;
  bench.sweep.retries.max = 5;
  bench.runner.script = [&bench](const PointContext& context) {
    Outcome outcome;
    if (context.index != 3) return outcome;
    outcome = failed();
    outcome.interrupted = true;
    bench.agent.winding_down = true;
    return outcome;
  };
  const auto end = bench.run({.chunk = {0, 10}});
  REQUIRE(end);
  CHECK_FALSE(end->broken);
  CHECK(end->report.until == 3);
  CHECK(end->report.failed == 0);
  CHECK(bench.runner.ran == std::vector<uint64_t>{0, 1, 2, 3});
  CHECK(bench.lines(chunk_file_name({0, 3})).size() == 3);
}

TEST_CASE("chunk run: a point that is interrupted alone is run again, which costs no attempt") {
  Bench bench;
  bool is_first = true;
  bench.runner.script = [&](const PointContext& context) {
    Outcome outcome;
    outcome.interrupted = context.index == 1 && std::exchange(is_first, false);
    return outcome;
  };
  const auto end = bench.run({.chunk = {0, 3}});
  REQUIRE(end);
  CHECK(bench.runner.ran == std::vector<uint64_t>{0, 1, 1, 2});
  CHECK(end->report.retries == 0);
  const auto lines = bench.lines(chunk_file_name({0, 3}));
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].find("\"result\":1,") != std::string::npos);
  CHECK(lines[1].find("\"attempt\":1") != std::string::npos);
}

TEST_CASE("chunk run: a chunk whose lease is to end does so after the point in hand, later ones do not") {
  Bench bench;
  bench.runner.script = [&bench](const PointContext& context) {
    if (context.index == 6) bench.agent.ended_leases.store(1);
    return Outcome{};
  };
  CHECK(bench.run({.chunk = {5, 10}}, 1)->report.until == 7);
  CHECK(bench.run({.chunk = {7, 10}}, 2)->report.until == 10);
}
