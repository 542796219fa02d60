#include "workers/start/ranks/core_share.h"

#include <doctest/doctest.h>

#include "runner/platform/topology.h"

using namespace sweepd;

namespace {

std::vector<std::string> cpus_of_ranks(const std::string& machine, const std::vector<RankOffer>& offers) {
  const CpuTopology topology = *synthetic_topology(machine);
  std::vector<std::string> cpus;
  for (const CoreShare& share : share_cores(offers)) {
    const auto own = cpus_of_share(topology, share);
    cpus.push_back(own ? own->text() : own.error().message);
  }
  return cpus;
}

const CpuSet all{0, 1, 2, 3};

}  // namespace

TEST_CASE("core share: a rank that was bound keeps its cores") {
  CHECK(cpus_of_ranks("core:4 pu:1", {{"n1", {2}}, {"n1", {0}}, {"n1", {1, 3}}}) ==
        std::vector<std::string>{"2", "0", "1,3"});
}

TEST_CASE("core share: ranks that may use the same cores divide them") {
  CHECK(cpus_of_ranks("core:4 pu:1", {{"n1", all}, {"n1", all}}) == std::vector<std::string>{"0-1", "2-3"});
  CHECK(cpus_of_ranks("core:4 pu:1", {{"n1", all}, {"n1", all}, {"n1", all}}) ==
        std::vector<std::string>{"0", "1", "2-3"});
}

TEST_CASE("core share: nodes have nothing to do with each other") {
  CHECK(cpus_of_ranks("core:4 pu:1", {{"n1", all}, {"n2", all}, {"n1", all}}) ==
        std::vector<std::string>{"0-1", "0-3", "2-3"});
}

TEST_CASE("core share: cores that overlap by way of a third rank are divided among all three") {
  CHECK(cpus_of_ranks("core:4 pu:1", {{"n1", {0, 1}}, {"n1", {2, 3}}, {"n1", {1, 2}}}) ==
        std::vector<std::string>{"0", "1", "2-3"});
}

TEST_CASE("core share: hardware threads of one core stay together") {
  CHECK(cpus_of_ranks("core:2 pu:2", {{"n1", all}, {"n1", all}}) == std::vector<std::string>{"0-1", "2-3"});
}

TEST_CASE("core share: more ranks than cores are refused with both numbers") {
  const auto cpus = cpus_of_ranks("core:2 pu:1", {{"n1", {0, 1}}, {"n1", {0, 1}}, {"n1", {0, 1}}});
  CHECK(cpus[0].find("3 ranks on this node have 2 cores") == 0);
}

TEST_CASE("core share: a number of workers is shared out among the ranks, and none is lost") {
  for (const uint32_t count : {0U, 1U, 5U, 6U, 7U, 1000U}) {
    uint32_t sum = 0;
    for (uint32_t rank = 0; rank < 6; ++rank) {
      const uint32_t own = workers_of_rank(count, rank, 6);
      CHECK(own >= count / 6);
      CHECK(own <= count / 6 + 1);
      sum += own;
    }
    CHECK(sum == count);
  }
}
