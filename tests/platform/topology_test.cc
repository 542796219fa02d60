#include "runner/platform/topology.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "runner/core/core_plan.h"

using namespace sweepd;

namespace {

CpuSet numbers_of(const CpuTopology& topology) {
  CpuSet numbers;
  for (const Processor& processor : topology.processors) numbers.insert(processor.number);
  return numbers;
}

CpuTopology made_up(const std::string& description) {
  const auto topology = synthetic_topology(description);
  REQUIRE_MESSAGE(topology.has_value(), description);
  return *topology;
}

}  // namespace

TEST_CASE("topology: this machine has every processor this process may use, each once") {
  const auto topology = read_topology();
  REQUIRE(topology.has_value());
  const CpuSet numbers = numbers_of(*topology);
  CHECK(numbers.count() == topology->processors.size());
  CHECK(numbers.contains(allowed_processors()));
  CHECK_FALSE(allowed_processors().empty());
}

TEST_CASE("topology: this machine has a plan for each of its cores") {
  const auto topology = read_topology();
  REQUIRE(topology.has_value());
  const auto plan = plan_cores(*topology, allowed_processors(), WorkerOptions{});
  REQUIRE(plan.has_value());
  CHECK(plan->workers.size() == plan->cores.size());
}

TEST_CASE("topology: another machine in hwloc's environment is not taken for this one") {
  REQUIRE(setenv("HWLOC_SYNTHETIC", "pu:64", 0) == 0);
  const auto topology = read_topology();
  unsetenv("HWLOC_SYNTHETIC");
  REQUIRE_FALSE(topology.has_value());
  CHECK(topology.error().message.find("unset HWLOC_XMLFILE") != std::string::npos);
}

TEST_CASE("topology: a made-up machine has cores, nodes and packages where they were asked for") {
  const CpuTopology topology = made_up("package:2 numa:2 core:3 pu:2");
  REQUIRE(topology.processors.size() == 24);
  for (uint32_t i = 0; i < 24; ++i) CHECK(topology.processors[i] == Processor{i, i / 2, i / 6, i / 12});
}

TEST_CASE("topology: a package with one NUMA node has a node of its own") {
  const CpuTopology topology = made_up("package:2 numa:1 core:64 pu:2");
  REQUIRE(topology.processors.size() == 256);
  CHECK(topology.processors.front() == Processor{0, 0, 0, 0});
  CHECK(topology.processors.back() == Processor{255, 127, 1, 1});
}

TEST_CASE("topology: of two kinds of memory the one nearest to a core counts") {
  // One node at the machine (number 0), one at each package.
  const CpuTopology topology = made_up("[numa] package:2 [numa] core:2 pu:1");
  std::set<uint32_t> nodes;
  for (const Processor& processor : topology.processors) nodes.insert(processor.node);
  CHECK(nodes.size() == 2);
}

TEST_CASE("topology: a machine without cores in its description has one for each processor") {
  const CpuTopology topology = made_up("numa:1 pu:4");
  REQUIRE(topology.processors.size() == 4);
  for (uint32_t i = 0; i < 4; ++i) CHECK(topology.processors[i] == Processor{i, i, 0, 0});
}

TEST_CASE("topology: a description that is none is an error") {
  for (const char* text : {"", "nonsense:3", "core:", "package:2 core:x"})
    CHECK_MESSAGE(!synthetic_topology(text).has_value(), text);
}
