#include "runner/core/granted_cores.h"

#include <doctest/doctest.h>

#include <string>

using namespace sweepd;

namespace {

/// Numbered as x86 servers do it: all first threads, then all second ones.
CpuTopology machine(uint32_t cores, uint32_t threads) {
  CpuTopology topology;
  for (uint32_t core = 0; core < cores; ++core)
    for (uint32_t thread = 0; thread < threads; ++thread)
      topology.processors.push_back({thread * cores + core, core, 0, 0});
  return topology;
}

CpuSet list(const char* text) { return *CpuSet::parse(text); }

const CpuTopology plain = machine(8, 1);
const CpuTopology threaded = machine(8, 2);

WorkerOptions workers(std::optional<uint32_t> count = std::nullopt, uint32_t cores = 1) {
  return {.count = count, .cores = cores};
}

WorkerOptions pinned(PinUnit unit, std::optional<uint32_t> count = std::nullopt, std::string cpus = "") {
  return {.count = count, .pin = {unit, std::move(cpus)}, .pin_is_chosen = true};
}

CorePlan planned(const CpuTopology& topology, const GrantedCores& granted, const WorkerOptions& options) {
  auto plan = plan_granted_cores(topology, granted, options);
  REQUIRE_MESSAGE(plan.has_value(), plan.error().message);
  return *std::move(plan);
}

}  // namespace

TEST_CASE("grant: where none is known all of the mask may be used") {
  for (const std::optional<uint32_t> number : {std::optional<uint32_t>(), std::optional<uint32_t>(0)}) {
    const GrantedCores granted = granted_cores(plain, list("2-5"), number);
    CHECK(granted.held);
    CHECK(granted.cpus == list("2-5"));
    CHECK(granted.granted() == 4);
    CHECK_FALSE(excess(granted, workers(100)));
    CHECK(planned(plain, granted, workers()).workers.size() == 4);
  }
}

TEST_CASE("grant: a mask that is no wider than it tells which cores were granted") {
  const GrantedCores granted = granted_cores(plain, list("2-5"), 4);
  CHECK(granted.held);
  const CorePlan plan = planned(plain, granted, workers());
  CHECK(plan.workers.front().bound);
  REQUIRE(plan.workers.size() == 4);
  CHECK(plan.workers[0].cpus == list("2"));
}

TEST_CASE("grant: a wider mask leaves a number of workers that are not bound") {
  const GrantedCores granted = granted_cores(plain, list("0-7"), 3);
  CHECK_FALSE(granted.held);
  CHECK(granted.cores == 3);
  const CorePlan plan = planned(plain, granted, workers());
  CHECK_FALSE(plan.workers.front().bound);
  REQUIRE(plan.workers.size() == 3);
  for (const WorkerShare& worker : plan.workers) CHECK(worker.cpus == list("0-7"));
  CHECK(plan.cores == std::vector<CpuSet>(3, list("0-7")));
  CHECK(planned(plain, granted, workers(std::nullopt, 2)).workers.size() == 1);
  CHECK(planned(plain, granted, workers(2)).workers.size() == 2);
}

TEST_CASE("grant: a pin that was chosen holds also under a wider mask") {
  const GrantedCores granted = granted_cores(plain, list("2-7"), 2);
  const CorePlan plan = planned(plain, granted, pinned(PinUnit::core));
  CHECK(plan.workers.front().bound);
  REQUIRE(plan.workers.size() == 2);
  CHECK(plan.workers[1].cpus == list("3"));
  CHECK(planned(plain, granted, pinned(PinUnit::numa)).workers[0].cpus == list("2-3"));
  const CorePlan listed = planned(plain, granted, pinned(PinUnit::list, std::nullopt, "6-7"));
  CHECK(listed.workers[0].cpus == list("6"));
}

TEST_CASE("grant: more workers than were granted are told in numbers") {
  const GrantedCores held = granted_cores(plain, list("0-3"), 4);
  CHECK_FALSE(excess(held, workers(4)));
  CHECK(excess(held, workers(8)) == Excess{8, 4});
  CHECK(excess(held, workers(2, 3)) == Excess{6, 4});
  CHECK(excess(held, workers(std::nullopt, 5)) == Excess{5, 4});
  CHECK_FALSE(excess(held, pinned(PinUnit::none, 8)));

  const GrantedCores not_held = granted_cores(plain, list("0-7"), 4);
  CHECK(excess(not_held, workers(5)) == Excess{5, 4});
  CHECK(excess(not_held, pinned(PinUnit::none, 5)) == Excess{5, 4});
  CHECK(excess(not_held, pinned(PinUnit::list, std::nullopt, "0-4")) == Excess{5, 4, true});
  CHECK_FALSE(excess(not_held, pinned(PinUnit::list, std::nullopt, "0-6:2")));
  CHECK(excess(not_held, pinned(PinUnit::core, 65536)) == Excess{65536, 4});
}

TEST_CASE("grant: a mask that somebody else narrowed does not lessen what was granted") {
  const GrantedCores granted = granted_cores(plain, list("3"), 4);
  CHECK(granted.held);
  CHECK(granted.cores == 1);
  CHECK(granted.granted() == 4);
  CHECK_FALSE(excess(granted, workers(4)));
  CHECK(planned(plain, granted, workers()).workers.size() == 1);
}

TEST_CASE("grant: of hardware threads two make a core") {
  const GrantedCores held = granted_cores(threaded, list("0-3,8-11"), 8);
  CHECK(held.held);
  CHECK(held.cores == 4);
  CHECK(held.cpus_per_core == 2);
  CHECK(excess(held, workers(5)) == Excess{5, 4});
  CHECK_FALSE(excess(held, pinned(PinUnit::hwthread, 8)));
  CHECK(excess(held, pinned(PinUnit::hwthread, 9)) == Excess{9, 8, true});

  const GrantedCores not_held = granted_cores(threaded, list("0-15"), 6);
  CHECK_FALSE(not_held.held);
  CHECK(not_held.cores == 3);
  CHECK(not_held.cpus_per_core == 2);
  CHECK(planned(threaded, not_held, workers()).workers.size() == 3);
  CHECK(planned(threaded, not_held, pinned(PinUnit::hwthread)).workers.size() == 6);
  CHECK(granted_cores(threaded, list("0-15"), 3).cores == 2);
}

TEST_CASE("grant: a mask of exactly as many cores means that cores were counted") {
  const GrantedCores granted = granted_cores(threaded, list("4-7,12-15"), 4);
  CHECK(granted.held);
  CHECK(granted.cores == 4);
  CHECK(granted.cpus_per_core == 1);
  CHECK(excess(granted, workers(5)) == Excess{5, 4});
  CHECK_FALSE(excess(granted, pinned(PinUnit::hwthread, 8)));
  CHECK(planned(threaded, granted, workers()).workers[0].cpus == list("4,12"));
}

TEST_CASE("grant: one hardware thread of each core, as for programs that want no more") {
  const GrantedCores four = granted_cores(threaded, list("0-3"), 4);
  CHECK(four.cores == 4);
  CHECK(four.granted() == 4);
  const GrantedCores eight = granted_cores(threaded, list("0-3"), 8);
  CHECK(eight.cores == 4);
  CHECK(eight.granted() == 4);
  CHECK(eight.cpus_per_core == 2);
}

TEST_CASE("grant: an empty mask stays an error of the plan") {
  CHECK_FALSE(plan_granted_cores(plain, granted_cores(plain, {}, 4), workers()).has_value());
}
