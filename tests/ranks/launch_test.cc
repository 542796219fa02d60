#include "workers/start/ranks/launch.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace sweepd;

namespace {

using Variables = std::map<std::string, std::string>;

Result<std::optional<Launch>> find(const Variables& variables, std::optional<Launch> step = {},
                                   int open = -1) {
  return find_launch({.variable =
                          [&](const char* name) {
                            const auto found = variables.find(name);
                            return found == variables.end() ? nullptr : found->second.c_str();
                          },
                      .is_open = [=](int descriptor) { return descriptor == open; },
                      .step = step});
}

}  // namespace

TEST_CASE("launch: a process that nobody launched is alone") { CHECK(find({}).value() == std::nullopt); }

TEST_CASE("launch: hydra and srun --mpi=pmi2 say who is who") {
  const auto launch = find({{"PMI_RANK", "2"}, {"PMI_SIZE", "6"}, {"PMI_FD", "7"}}, Launch{2, 6}, 7);
  REQUIRE(launch.value());
  CHECK((*launch)->rank == 2);
  CHECK((*launch)->ranks == 6);
}

TEST_CASE("launch: variables whose descriptor is not there were inherited from another launch") {
  CHECK(find({{"PMI_RANK", "2"}, {"PMI_SIZE", "6"}, {"PMI_FD", "7"}}).value() == std::nullopt);
}

TEST_CASE("launch: one rank is no launch, and neither are numbers that make no sense") {
  CHECK(find({{"PMI_RANK", "0"}, {"PMI_SIZE", "1"}, {"PMI_FD", "7"}}, {}, 7).value() == std::nullopt);
  CHECK(find({{"PMI_RANK", "6"}, {"PMI_SIZE", "6"}, {"PMI_FD", "7"}}, {}, 7).value() == std::nullopt);
  CHECK(find({{"PMI_RANK", "1x"}, {"PMI_SIZE", "6"}, {"PMI_FD", "7"}}, {}, 7).value() == std::nullopt);
}

TEST_CASE("launch: Open MPI and PMIx say it in their own words") {
  CHECK(find({{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "4"}}).value()->ranks == 4);
  CHECK(find({{"PMIX_RANK", "3"}}, Launch{3, 5}).value()->rank == 3);
}

TEST_CASE("launch: tasks of srun that cannot find each other are refused with what helps") {
  const auto refused = find({}, Launch{1, 4});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("--mpi=pmi2") != std::string::npos);
  CHECK(refused.error().message.find("mpirun") != std::string::npos);
  CHECK(find({}, Launch{0, 1}).value() == std::nullopt);
}
