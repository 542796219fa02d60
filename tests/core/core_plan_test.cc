#include "runner/core/core_plan.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "runner/core/core_plan_text.h"

using namespace sweepd;

namespace {

/// Packages x nodes in each x cores in each x threads in each, numbered as x86 servers do it: all first
/// threads, then all second ones. `node_step` leaves holes between node numbers.
CpuTopology machine(uint32_t packages, uint32_t nodes, uint32_t cores, uint32_t threads,
                    uint32_t node_step = 1) {
  CpuTopology topology;
  const uint32_t all = packages * nodes * cores;
  for (uint32_t core = 0; core < all; ++core)
    for (uint32_t thread = 0; thread < threads; ++thread)
      topology.processors.push_back(
          {thread * all + core, core, core / cores * node_step, core / (nodes * cores)});
  return topology;
}

CpuSet all_of(const CpuTopology& topology) {
  CpuSet all;
  for (const Processor& processor : topology.processors) all.insert(processor.number);
  return all;
}

CpuSet list(std::string_view text) { return *CpuSet::parse(text); }

WorkerOptions request(PinUnit unit, uint32_t cores = 1, std::optional<uint32_t> count = {},
                      std::string cpus = "") {
  WorkerOptions options;
  options.pin = {unit, std::move(cpus)};
  options.cores = cores;
  options.count = count;
  return options;
}

CorePlan planned(const CpuTopology& topology, const CpuSet& allowed, const WorkerOptions& options) {
  auto plan = plan_cores(topology, allowed, options);
  REQUIRE_MESSAGE(plan.has_value(), plan.error().message);
  return *std::move(plan);
}

std::string problem(const CpuTopology& topology, const CpuSet& allowed, const WorkerOptions& options) {
  const auto plan = plan_cores(topology, allowed, options);
  REQUIRE_FALSE(plan.has_value());
  return plan.error().message;
}

/// `0-1 4-5`: the workers' processors in order.
std::string shown(const CorePlan& plan) {
  std::string text;
  for (const WorkerShare& worker : plan.workers) text += (text.empty() ? "" : " ") + worker.cpus.text();
  return text;
}

std::set<uint32_t> nodes_of(const CpuTopology& topology, const CpuSet& cpus) {
  std::set<uint32_t> nodes;
  for (const Processor& processor : topology.processors)
    if (cpus.contains(processor.number)) nodes.insert(processor.node);
  return nodes;
}

}  // namespace

TEST_CASE(
    "core plan: 2 packages of 64 cores of 2 threads give 128 workers with a core and both its threads") {
  const CpuTopology topology = machine(2, 1, 64, 2);
  const CorePlan plan = planned(topology, all_of(topology), request(PinUnit::core));
  REQUIRE(plan.workers.size() == 128);
  CHECK(plan.workers.front().bound);
  CHECK(plan.workers[0].cpus == CpuSet{0, 128});
  CHECK(plan.workers[127].cpus == CpuSet{127, 255});
  CHECK(plan.workers[63].nodes == std::vector<uint32_t>{0});
  CHECK(plan.workers[64].nodes == std::vector<uint32_t>{1});
  CHECK(plan.workers[5].cores == 1);
  REQUIRE(plan.cores.size() == 128);
  CHECK(plan.cores[1] == CpuSet{1, 129});
}

TEST_CASE("core plan: fewer workers than cores fill in topology order") {
  const CpuTopology topology = machine(2, 1, 64, 2);
  const CorePlan plan = planned(topology, all_of(topology), request(PinUnit::core, 2, 2));
  CHECK(shown(plan) == "0-1,128-129 2-3,130-131");
  CHECK(plan.workers[1].cores == 2);
  CHECK(plan.cores.size() == 128);
}

TEST_CASE("core plan: workers of 3 cores on NUMA nodes of 8 straddle only when nothing else is left") {
  const CpuTopology topology = machine(2, 2, 8, 1);
  const CorePlan plan = planned(topology, all_of(topology), request(PinUnit::core, 3));
  CHECK(shown(plan) == "0-2 3-5 8-10 11-13 16-18 19-21 24-26 27-29 6-7,14 22-23,30");
  CHECK(plan.workers[8].nodes == std::vector<uint32_t>{0, 1});  // still in one package
  CHECK(plan.workers[9].nodes == std::vector<uint32_t>{2, 3});
}

TEST_CASE(
    "core plan: a worker larger than a NUMA node stays in one package, and larger than that spans both") {
  const CpuTopology topology = machine(2, 2, 8, 1);
  CHECK(shown(planned(topology, all_of(topology), request(PinUnit::core, 12))) == "0-11 16-27");
  const CorePlan plan = planned(topology, all_of(topology), request(PinUnit::core, 20));
  CHECK(shown(plan) == "0-19");
  CHECK(plan.workers[0].nodes == std::vector<uint32_t>{0, 1, 2});
}

TEST_CASE("core plan: a NUMA node that spans packages does not hide them") {
  CpuTopology topology = machine(2, 1, 4, 1);
  for (Processor& processor : topology.processors) processor.node = 0;
  CHECK(shown(planned(topology, all_of(topology), request(PinUnit::core, 3))) == "0-2 4-6");
}

TEST_CASE("core plan: node numbers with holes are kept for the memory policy") {
  const CpuTopology topology = machine(2, 1, 4, 2, 8);
  const CorePlan plan = planned(topology, all_of(topology), request(PinUnit::numa));
  CHECK(shown(plan) == "0-3,8-11 4-7,12-15");
  CHECK(plan.workers[1].nodes == std::vector<uint32_t>{8});
  CHECK(plan.workers[1].cores == 4);
}

TEST_CASE("core plan: a cpuset of odd cores is kept to") {
  const CpuTopology topology = machine(1, 2, 8, 2);
  const CpuSet odd = list("1-15:2,17-31:2");
  const CorePlan plan = planned(topology, odd, request(PinUnit::core, 2));
  CHECK(shown(plan) == "1,3,17,19 5,7,21,23 9,11,25,27 13,15,29,31");
  CHECK(plan.cores.size() == 8);
}

TEST_CASE("core plan: a core with one of its threads allowed counts, with that one") {
  const CpuTopology topology = machine(1, 1, 4, 2);
  CHECK(shown(planned(topology, list("0,1,5,7"), request(PinUnit::core))) == "0 1,5 7");
}

TEST_CASE("core plan: cores with one, two and four threads may stand side by side") {
  CpuTopology topology;
  uint32_t number = 0;
  for (uint32_t core = 0; core < 3; ++core)
    for (uint32_t thread = 0; thread < (1u << core); ++thread)
      topology.processors.push_back({number++, core, 0, 0});
  CHECK(shown(planned(topology, all_of(topology), request(PinUnit::core))) == "0 1-2 3-6");
  CHECK(shown(planned(topology, all_of(topology), request(PinUnit::hwthread, 3))) == "0-2 3-5");
}

TEST_CASE("core plan: a machine with one core has one worker for every pin") {
  const CpuTopology topology = machine(1, 1, 1, 1);
  for (const PinUnit unit :
       {PinUnit::core, PinUnit::hwthread, PinUnit::numa, PinUnit::package, PinUnit::none})
    CHECK(shown(planned(topology, {0}, request(unit))) == "0");
  CHECK(shown(planned(topology, {0}, request(PinUnit::list, 1, {}, "0"))) == "0");
}

TEST_CASE("core plan: hardware threads are dealt sibling by sibling") {
  const CpuTopology topology = machine(1, 1, 4, 2);
  CHECK(shown(planned(topology, all_of(topology), request(PinUnit::hwthread))) == "0 4 1 5 2 6 3 7");
  const CorePlan pairs = planned(topology, all_of(topology), request(PinUnit::hwthread, 2, 2));
  CHECK(shown(pairs) == "0,4 1,5");
  CHECK(pairs.cores.size() == 4);
}

TEST_CASE("core plan: numa and package give a whole one to each worker") {
  const CpuTopology topology = machine(2, 2, 4, 1);
  CHECK(shown(planned(topology, all_of(topology), request(PinUnit::numa))) == "0-3 4-7 8-11 12-15");
  CHECK(shown(planned(topology, all_of(topology), request(PinUnit::package))) == "0-7 8-15");
  CHECK(shown(planned(topology, all_of(topology), request(PinUnit::numa, 1, 3))) == "0-3 4-7 8-11");
  CHECK(planned(topology, all_of(topology), request(PinUnit::package)).workers[1].nodes ==
        std::vector<uint32_t>{2, 3});
}

TEST_CASE("core plan: more workers than NUMA nodes share the nodes' cores out, none with a core of another") {
  const CpuTopology topology = machine(2, 1, 4, 1);
  CHECK(shown(planned(topology, all_of(topology), request(PinUnit::numa, 1, 3))) == "0-1 2-3 4-7");
  CHECK(shown(planned(topology, all_of(topology), request(PinUnit::numa, 1, 5))) == "0 1 2-3 4-5 6-7");
  CHECK(shown(planned(topology, all_of(topology), request(PinUnit::numa, 1, 8))) == "0 1 2 3 4 5 6 7");
  CHECK(shown(planned(topology, list("0,4-7"), request(PinUnit::numa, 1, 4))) == "0 4 5 6-7");
}

TEST_CASE("core plan: numa with cores gives that many cores of one node") {
  const CpuTopology topology = machine(2, 1, 8, 1);
  CHECK(shown(planned(topology, all_of(topology), request(PinUnit::numa, 3))) == "0-2 3-5 8-10 11-13");
  CHECK(problem(topology, all_of(topology), request(PinUnit::numa, 3, 5)) ==
        "5 workers of 3 cores of one NUMA node asked for, but this process may use only 16 cores in 2 NUMA "
        "nodes: 0-15; "
        "use -j4, or pin: core");
  CHECK(problem(topology, all_of(topology), request(PinUnit::package, 20))
            .ends_with("0-15; lower cores, or pin: none"));
}

TEST_CASE("core plan: a list is dealt in the order written") {
  const CpuTopology topology = machine(1, 1, 8, 2);
  const CpuSet all = all_of(topology);
  CHECK(shown(planned(topology, all, request(PinUnit::list, 1, {}, "9,0-2"))) == "9 0 1 2");
  const CorePlan plan = planned(topology, all, request(PinUnit::list, 2, {}, "8,0,4-6"));
  CHECK(shown(plan) == "0,8 4-5");  // 6 is left over
  CHECK(plan.workers[0].cores == 2);
  CHECK(plan.cores == std::vector<CpuSet>{{0, 8}, {4}, {5}, {6}});
}

TEST_CASE("core plan: a list must name processors that exist, may be used, and once each") {
  const CpuTopology topology = machine(1, 1, 4, 1);
  const CpuSet allowed{0, 1};
  CHECK(problem(topology, allowed, request(PinUnit::list, 1, {}, "0,1,0")) ==
        "processor 0 of the pin list is listed twice; list each once");
  CHECK(problem(topology, allowed, request(PinUnit::list, 1, {}, "0-9")) ==
        "processor 2 of the pin list may not be used by this process; it may use 0-1");
  CHECK(problem(topology, allowed, request(PinUnit::list, 1, {}, "9")) ==
        "processor 9 of the pin list does not exist on this machine; it has 0-3");
  CHECK(problem(topology, allowed, request(PinUnit::list, 1, {}, "0,x"))
            .starts_with("pin: \"x\" in the processor list"));
  CHECK(problem(topology, allowed, request(PinUnit::list, 1, 3, "0-1")) ==
        "3 workers of 1 hardware thread asked for, but the pin list has only 2 hardware threads: 0-1; use "
        "-j2, or pin: "
        "none");
  CHECK(problem(topology, allowed, request(PinUnit::list, 3, {}, "0-1"))
            .ends_with("0-1; lower cores, or pin: none"));
}

TEST_CASE("core plan: more workers than cores is an error that names the cores there are") {
  CHECK(problem(machine(1, 1, 8, 1), {0, 1}, request(PinUnit::core, 1, 5)) ==
        "5 workers of 1 core asked for, but this process may use only 2 cores: 0-1; use -j2, or pin: none");
  CHECK(problem(machine(1, 1, 2, 2), list("0-3"), request(PinUnit::core, 1, 3)) ==
        "3 workers of 1 core asked for, but this process may use only 2 cores: hardware threads 0-3; use "
        "-j2, or pin: "
        "none");
  CHECK(problem(machine(1, 1, 8, 1), {0}, request(PinUnit::core, 2)) ==
        "workers of 2 cores asked for, but this process may use only 1 core: 0; lower cores, or pin: none");
  CHECK(problem(machine(1, 1, 8, 1), {0}, request(PinUnit::core, 4000000000u))
            .starts_with("workers of 4000000000"));
  CHECK(problem(machine(2, 1, 2, 1), list("0-3"), request(PinUnit::numa, 1, 5)).find("use -j4") !=
        std::string::npos);
}

TEST_CASE("core plan: without a pin every worker may use all that is allowed, in any number") {
  const CpuTopology topology = machine(1, 1, 8, 2);
  const CpuSet allowed = list("0-3,8-11");
  const CorePlan plan = planned(topology, allowed, request(PinUnit::none));
  CHECK_FALSE(plan.workers.front().bound);
  CHECK(shown(plan) == "0-3,8-11 0-3,8-11 0-3,8-11 0-3,8-11");
  CHECK(plan.workers[0].nodes.empty());
  CHECK(planned(topology, allowed, request(PinUnit::none, 3)).workers.size() == 1);
  CHECK(planned(topology, allowed, request(PinUnit::none, 16, 50)).workers.size() == 50);
  CHECK(problem(topology, allowed, request(PinUnit::none, 5))
            .ends_with("; lower cores, or give a worker count"));
}

TEST_CASE("core plan: requests that make no sense are refused") {
  const CpuTopology topology = machine(1, 1, 2, 1);
  CHECK(problem(topology, {0, 1}, request(PinUnit::core, 0)).starts_with("workers of 0 cores"));
  CHECK(problem(topology, {0, 1}, request(PinUnit::none, 1, 0)).starts_with("0 workers"));
  CHECK(problem(topology, {0, 1}, request(PinUnit::none, 1, 4000000000u)).starts_with("4000000000 workers"));
  CHECK(problem(topology, {7}, request(PinUnit::core)).find("affinity mask: 7") != std::string::npos);
  CHECK(problem(topology, {}, request(PinUnit::core)).find("affinity mask: empty") != std::string::npos);
}

namespace {

/// 1 to `most`.
uint32_t up_to(uint32_t most, std::mt19937& random) { return 1 + static_cast<uint32_t>(random() % most); }

/// A machine of random shape: unequal nodes and cores, node numbers with holes, shuffled processor numbers.
CpuTopology random_machine(std::mt19937& random) {
  CpuTopology topology;
  uint32_t core = 0;
  uint32_t node = 0;
  const uint32_t packages = up_to(3, random);
  for (uint32_t package = 0; package < packages; ++package)
    for (uint32_t nodes = up_to(3, random); nodes > 0; --nodes, node += up_to(4, random))
      for (uint32_t cores = up_to(9, random); cores > 0; --cores, ++core)
        for (uint32_t threads = up_to(4, random); threads > 0; --threads)
          topology.processors.push_back({0, core, node, package});
  std::vector<uint32_t> numbers(topology.processors.size());
  for (uint32_t i = 0; i < numbers.size(); ++i) numbers[i] = i * 7;
  std::shuffle(numbers.begin(), numbers.end(), random);
  for (size_t i = 0; i < numbers.size(); ++i) topology.processors[i].number = numbers[i];
  return topology;
}

CpuSet random_mask(const CpuTopology& topology, std::mt19937& random) {
  CpuSet mask{topology.processors[random() % topology.processors.size()].number};
  const auto tenths = up_to(10, random);
  for (const Processor& processor : topology.processors)
    if (random() % 10 < tenths) mask.insert(processor.number);
  return mask;
}

/// Each worker's processors are allowed and its own, its nodes are theirs, and no core is divided.
void check_bound(const CpuTopology& topology, const CpuSet& allowed, PinUnit unit, const CorePlan& plan) {
  CpuSet used;
  for (const WorkerShare& worker : plan.workers) {
    CHECK_FALSE(worker.cpus.empty());
    CHECK(allowed.contains(worker.cpus));
    CHECK((used & worker.cpus).empty());
    used |= worker.cpus;
    const std::set<uint32_t> nodes = nodes_of(topology, worker.cpus);
    CHECK(worker.nodes == std::vector<uint32_t>(nodes.begin(), nodes.end()));
    if (unit == PinUnit::numa) CHECK(nodes.size() == 1);
    if (unit == PinUnit::hwthread) continue;
    for (const CpuSet& core : plan.cores) CHECK(((core & worker.cpus).empty() || worker.cpus.contains(core)));
  }
}

/// The workers of `size` cores that fit into single NUMA nodes.
size_t fit_in_nodes(const CpuTopology& topology, const CorePlan& plan, uint32_t size) {
  std::map<uint32_t, size_t> cores;
  for (const CpuSet& core : plan.cores) ++cores[*nodes_of(topology, core).begin()];
  size_t fit = 0;
  for (const auto& [node, count] : cores) fit += count / size;
  return fit;
}

}  // namespace

TEST_CASE(
    "core plan: on random machines and masks no processor is dealt twice and no core is wasted or divided") {
  std::mt19937 random(20240717);
  for (int round = 0; round < 1500; ++round) {
    const CpuTopology topology = random_machine(random);
    const CpuSet allowed = random_mask(topology, random);
    const PinUnit unit =
        std::vector{PinUnit::core, PinUnit::hwthread, PinUnit::numa, PinUnit::package}[random() % 4];
    const auto size = up_to(6, random);
    std::optional<uint32_t> count;
    if (random() % 2 == 0) count = up_to(30, random);
    const auto plan = plan_cores(topology, allowed, request(unit, size, count));
    const auto everything = planned(topology, allowed, request(PinUnit::none, 1));
    const size_t units = unit == PinUnit::hwthread ? allowed.count() : everything.cores.size();
    const bool whole_units = unit == PinUnit::core || unit == PinUnit::hwthread;
    if (whole_units) CHECK(plan.has_value() == (units / size >= count.value_or(1)));
    if (!plan) continue;
    check_bound(topology, allowed, unit, *plan);
    if (count) CHECK(plan->workers.size() == *count);
    if (whole_units && !count) CHECK(plan->workers.size() == units / size);
    if (unit != PinUnit::core) continue;
    size_t within = 0;
    for (const WorkerShare& worker : plan->workers) within += worker.nodes.size() == 1;
    CHECK(within >= std::min(plan->workers.size(), fit_in_nodes(topology, *plan, size)));
  }
}

TEST_CASE("core plan text: 128 cores take a few lines, each worker one") {
  const CpuTopology topology = machine(2, 1, 64, 2);
  const CorePlan plan = planned(topology, all_of(topology), request(PinUnit::core, 64));
  CHECK(describe(topology, all_of(topology), plan) ==
        "128 of 128 cores may be used (cpus 0-255)\n"
        "package 0, NUMA node 0: 64 cores, cpus 0-63,128-191\n"
        "  cores 0-63: 2 hardware threads each: 0,128 1,129 ... 63,191\n"
        "package 1, NUMA node 1: 64 cores, cpus 64-127,192-255\n"
        "  cores 64-127: 2 hardware threads each: 64,192 65,193 ... 127,255\n"
        "worker 0: cpus 0-63,128-191 (cores 0-63, NUMA node 0, package 0)\n"
        "worker 1: cpus 64-127,192-255 (cores 64-127, NUMA node 1, package 1)\n");
}

TEST_CASE("core plan text: a partial cpuset shows what of each core may be used") {
  const CpuTopology topology = machine(1, 1, 4, 2);
  const CpuSet allowed = list("0,1,5,7");
  CHECK(describe(topology, allowed, planned(topology, allowed, request(PinUnit::core, 1, 2))) ==
        "3 of 4 cores may be used (cpus 0-1,5,7)\n"
        "package 0, NUMA node 0: 3 cores, cpus 0-1,5,7\n"
        "  cores 0,3: cpus 0,7\n"
        "  core 1: 2 hardware threads: 1,5\n"
        "worker 0: cpu 0 (core 0, NUMA node 0, package 0)\n"
        "worker 1: cpus 1,5 (core 1, NUMA node 0, package 0)\n");
  CHECK(describe_workers(topology, planned(topology, allowed, request(PinUnit::none, 1, 7))) ==
        "7 workers, not bound: cpus 0-1,5,7\n");
}
