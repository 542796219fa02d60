#include "slurm/process_grant.h"

#include <doctest/doctest.h>

using namespace sweepd;

namespace {

Allocation batch() {
  Allocation allocation;
  allocation.job = 12;
  allocation.nodes = {{"n1", 4}, {"n2", 2}};
  allocation.place = Place::batch;
  allocation.node = "n1";
  return allocation;
}

Allocation task(std::string node, std::vector<uint32_t> tasks_per_node) {
  Allocation allocation = batch();
  allocation.place = Place::step;
  allocation.node = std::move(node);
  allocation.step = Step{.nodes = {"n1", "n2"}, .tasks_per_node = std::move(tasks_per_node)};
  return allocation;
}

ProcessGrant grant(const Allocation& allocation) {
  const auto found = process_grant(allocation);
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("process grant: a batch script has all of the job on its node, not on the others") {
  const ProcessGrant found = grant(batch());
  CHECK(found.job == 12);
  CHECK(found.node == "n1");
  CHECK(found.cpus == 4U);
  CHECK_FALSE(found.memory_mib);
}

TEST_CASE("process grant: a shell on another machine has none") {
  Allocation allocation = batch();
  allocation.place = Place::shell;
  CHECK_FALSE(process_grant(allocation));
}

TEST_CASE("process grant: the tasks of a step share its processors on their node") {
  CHECK(grant(task("n1", {2, 1})).cpus == 2U);
  CHECK(grant(task("n2", {2, 1})).cpus == 2U);
  CHECK(grant(task("n1", {8, 1})).cpus == 1U);
  CHECK(grant(task("n1", {})).cpus == 4U);
  Allocation exact = task("n1", {1, 1});
  exact.cpus_on_node = 3;
  CHECK(grant(exact).cpus == 3U);
}

TEST_CASE("process grant: ranks of mpirun share what is one task to Slurm") {
  CHECK(process_grant(task("n1", {1, 1}), 2)->cpus == 2U);
  CHECK(process_grant(task("n1", {2, 2}), 2)->cpus == 2U);
  CHECK(process_grant(task("n1", {1, 1}), 9)->cpus == 1U);
  Allocation allocation = task("n1", {1, 1});
  allocation.memory_per_node_mib = 1000;
  CHECK(process_grant(allocation, 4)->memory_mib == 250U);
}

TEST_CASE("process grant: a number that no variable tells is not known") {
  Allocation allocation = batch();
  allocation.nodes = {{"n1", 0}, {"n2", 0}};
  CHECK_FALSE(grant(allocation).cpus);
  allocation.memory_per_cpu_mib = 100;
  CHECK_FALSE(grant(allocation).memory_mib);
  allocation.cpus_on_node = 3;
  CHECK(grant(allocation).cpus == 3U);
  CHECK(grant(allocation).memory_mib == 300U);
}

TEST_CASE("process grant: memory goes with the processors") {
  Allocation allocation = task("n1", {2, 1});
  allocation.memory_per_cpu_mib = 100;
  CHECK(grant(allocation).memory_mib == 200U);
  allocation.memory_per_cpu_mib.reset();
  allocation.memory_per_node_mib = 1000;
  CHECK(grant(allocation).memory_mib == 500U);
  allocation.nodes = {{"n1", 0}, {"n2", 0}};
  CHECK(grant(allocation).memory_mib == 1000U);
  Allocation all = batch();
  all.memory_per_node_mib = 1000;
  CHECK(grant(all).memory_mib == 1000U);
}

TEST_CASE("process grant: a step that was given more processors than the job has has no more than these") {
  Allocation allocation;
  allocation.job = 7;
  allocation.nodes = {{"n1", 2}};
  allocation.node = "n1";
  allocation.place = Place::step;
  allocation.step.emplace();
  allocation.cpus_on_node = 4;
  CHECK(process_grant(allocation)->cpus == 2);
  allocation.nodes[0].cpus = 0;  // not known
  CHECK(process_grant(allocation)->cpus == 4);
}
