#include "workers/tasks/scaling/scaling.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "runner/platform/binding.h"
#include "workers/tasks/pi/pi.h"
#include "workers/tasks/pi/pi_kernel.h"
#include "workers/tasks/scaling/scaling_gang.h"
#include "workers/tasks/scaling/scaling_work.h"

namespace sweepd {
namespace {

bool has_children() { return !(waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD); }

/// A counter that forked processes share.
class SharedCounter {
 public:
  SharedCounter()
      : count_(new (mmap(nullptr, sizeof(Count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))
                   Count(0)) {}
  SharedCounter(const SharedCounter&) = delete;
  SharedCounter& operator=(const SharedCounter&) = delete;
  ~SharedCounter() { munmap(count_, sizeof(Count)); }
  uint64_t add() const { return count_->fetch_add(1) + 1; }
  uint64_t value() const { return count_->load(); }

 private:
  using Count = std::atomic<uint64_t>;
  Count* count_;
};

std::vector<CpuSet> allowed_cpus() {
  std::vector<CpuSet> sets;
  for (const uint32_t cpu : bound_processors()) sets.push_back({cpu});
  return sets;
}

struct Run {
  Outcome outcome;
  std::string text;
  nlohmann::json json() const { return nlohmann::json::parse(text); }
};

Run run(const Point& point, uint64_t seed, std::vector<CpuSet> cpus = allowed_cpus()) {
  WorkerContext context;
  context.share.gang_cores = std::move(cpus);
  ScalingRunner runner(std::move(context));
  Run run;
  run.outcome = runner.run({0, "00", seed, point, "{}"}, run.text);
  return run;
}

Point parameters(int64_t workers, int64_t darts, const char* mode = "strong", int64_t repeats = 3) {
  return {{"workers", Value::of(workers)},
          {"darts", Value::of(darts)},
          {"mode", Value::of(std::string_view(mode))},
          {"repeats", Value::of(repeats)}};
}

}  // namespace

TEST_CASE("scaling: a gang of any size makes the hits of one process together") {
  const uint64_t darts = 5 * pi_block_darts + 123;
  const double alone = pi_estimate(pi_hits(17, darts), darts);
  for (const int64_t workers : {1, 2, 3, 5, 9}) {
    CAPTURE(workers);
    const Run strong = run(parameters(workers, static_cast<int64_t>(darts)), 17);
    REQUIRE_FALSE(strong.outcome.failure);
    CHECK(strong.json()["pi"] == alone);
  }
  CHECK_FALSE(has_children());
}

TEST_CASE("scaling: in weak scaling each member throws darts of its own") {
  const uint64_t darts = pi_block_darts / 2;
  uint64_t hits = 0;
  for (uint32_t member = 0; member < 3; ++member) hits += pi_hits(member_seed(23, member), darts);
  const Run weak = run(parameters(3, static_cast<int64_t>(darts), "weak"), 23);
  REQUIRE_FALSE(weak.outcome.failure);
  CHECK(weak.json()["pi"] == pi_estimate(hits, 3 * darts));
  CHECK(member_seed(23, 0) == 23);
  CHECK(member_seed(23, 1) != member_seed(23, 2));
  CHECK(member_seed(23, 1) != member_seed(24, 1));
}

TEST_CASE("scaling: the result holds the median, the extremes and pi; the members' processor time is told") {
  const Run both = run(parameters(2, 40'000'000, "strong", 5), 1);
  REQUIRE_FALSE(both.outcome.failure);
  const auto json = both.json();
  CHECK(json.size() == 4);
  CHECK(json["seconds_min"] > 0.0);
  CHECK(json["seconds_min"] <= json["seconds"]);
  CHECK(json["seconds"] <= json["seconds_max"]);
  CHECK(json["pi"] == doctest::Approx(3.1416).epsilon(0.001));
  CHECK(both.outcome.cpu_s.value() > 0);
  CHECK(both.outcome.max_rss_mib.value() > 0);
}

TEST_CASE("scaling: mode and repeats may be left out, and an even number of repeats has a median") {
  CHECK_FALSE(run({{"workers", Value::of(int64_t{1})}, {"darts", Value::of(1e4)}}, 1).outcome.failure);
  CHECK_FALSE(run(parameters(1, 1000, "strong", 2), 1).outcome.failure);
}

TEST_CASE("scaling: more members than cores share them") {
  const Run crowded = run(parameters(6, 1'000'000), 3, {allowed_cpus().front()});
  REQUIRE_FALSE(crowded.outcome.failure);
  CHECK(crowded.json()["pi"] == pi_estimate(pi_hits(3, 1'000'000), 1'000'000));
}

TEST_CASE("scaling: without a list of cores the members are not bound") {
  const CpuSet before = bound_processors();
  CHECK_FALSE(run(parameters(2, 1'000'000), 3, {}).outcome.failure);
  CHECK(bound_processors() == before);
}

TEST_CASE("scaling: what cannot be measured fails the point and says why") {
  const auto message = [](const Point& point) {
    const Run bad = run(point, 1);
    REQUIRE(bad.outcome.failure);
    CHECK(bad.outcome.failure->kind == ErrorKind::result);
    return bad.outcome.failure->message;
  };
  CHECK(message({{"darts", Value::of(1e6)}}).find("'workers'") != std::string::npos);
  CHECK(message({{"workers", Value::of(int64_t{2})}}).find("'darts'") != std::string::npos);
  CHECK(message(parameters(0, 1000)).find("'workers' must be") == 0);
  CHECK(message(parameters(1, 0)).find("'darts' must be") == 0);
  CHECK(message(parameters(1, 1000, "both")).find("'mode' must be strong or weak and is \"both\"") == 0);
  CHECK(message(parameters(1, 1000, "weak", 0)).find("'repeats' must be") == 0);
  CHECK(message(parameters(2, int64_t{1} << 53, "weak")).find("'darts' must be") == 0);
}

TEST_CASE("scaling: a list of cpus that cannot be had loses the point and names the cpus") {
  const Run lost = run(parameters(2, 1000), 1, {CpuSet{60000}});
  REQUIRE(lost.outcome.failure);
  CHECK(lost.outcome.failure->kind == ErrorKind::lost);
  CHECK(lost.outcome.failure->message.find("cannot be bound to cpus 60000") != std::string::npos);
  CHECK_FALSE(has_children());
}

TEST_CASE("gang: each member is bound to its cpus, from the first again when there are more") {
  const CpuSet allowed = bound_processors();
  GangSpec spec;
  spec.members = 5;
  for (const uint32_t cpu : allowed) spec.cpus.push_back(CpuSet{cpu});
  spec.shares_cores = true;
  spec.share = [&](uint32_t member) {
    return uint64_t{bound_processors() == spec.cpus[member % spec.cpus.size()]};
  };
  const Result<GangReport> report = run_gang(spec);
  REQUIRE(report);
  CHECK(report->rounds.front().sum == 5);
  CHECK(bound_processors() == allowed);
}

TEST_CASE("gang: no member begins a round before all have ended the one before") {
  for (const bool shares_cores : {false, true}) {
    SharedCounter ended;
    GangSpec spec;
    spec.members = 4;
    spec.rounds = 25;
    spec.shares_cores = shares_cores;
    spec.share = [&, round = uint64_t{0}](uint32_t) mutable {
      const bool in_order = ended.value() >= 4 * round++;
      ended.add();
      return uint64_t{in_order};
    };
    const Result<GangReport> report = run_gang(spec);
    REQUIRE(report);
    REQUIRE(report->rounds.size() == 25);
    for (const GangRound& round : report->rounds) CHECK(round.sum == 4);
    CHECK(ended.value() == 100);
  }
}

TEST_CASE("gang: a member that dies ends the others, which wait for it, and is named") {
  for (const bool shares_cores : {false, true}) {
    GangSpec spec;
    spec.members = 3;
    spec.rounds = 2;
    spec.shares_cores = shares_cores;
    spec.share = [](uint32_t member) {
      if (member == 1) raise(SIGKILL);
      return uint64_t{0};
    };
    const Result<GangReport> report = run_gang(spec);
    REQUIRE_FALSE(report);
    CHECK(report.error().message == "member 1 of the gang of 3 was killed by signal 9");
    CHECK_FALSE(has_children());
  }
}

TEST_CASE("gang: a member that exits is a failure with its status") {
  GangSpec spec;
  spec.members = 2;
  spec.share = [](uint32_t member) -> uint64_t {
    if (member == 0) _exit(7);
    return 1;
  };
  const Result<GangReport> report = run_gang(spec);
  REQUIRE_FALSE(report);
  CHECK(report.error().message == "member 0 of the gang of 2 ended with status 7");
  CHECK_FALSE(has_children());
}

}  // namespace sweepd
