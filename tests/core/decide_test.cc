#include "runner/core/decide.h"

#include <doctest/doctest.h>

using namespace sweepd;

namespace {

std::vector<WorkerId> workers(std::initializer_list<uint32_t> numbers) {
  std::vector<WorkerId> workers;
  for (const uint32_t number : numbers) workers.push_back(WorkerId{number});
  return workers;
}

}  // namespace

TEST_CASE("decide: static gives every worker an equal share") {
  const Dealing dealing{Schedule::static_, std::nullopt, 3};
  const Decision decision = decide(SweepState(10, {}), workers({0, 1, 2}), dealing, std::nullopt);
  REQUIRE(decision.assignments.size() == 3);
  CHECK(decision.assignments[0].chunk == Chunk{0, 4});
  CHECK(decision.assignments[1].chunk == Chunk{4, 8});
  CHECK(decision.assignments[2].chunk == Chunk{8, 10});
  CHECK(decision.assignments[0].budget == Duration{});
}

TEST_CASE("decide: a given size is kept to the point") {
  const Decision decision = decide(SweepState(10, {}), workers({0, 1}), {Schedule::automatic, 3, 2}, 100.0);
  REQUIRE(decision.assignments.size() == 2);
  CHECK(decision.assignments[0].chunk == Chunk{0, 3});
  CHECK(decision.assignments[1].chunk == Chunk{3, 6});
  CHECK(decision.assignments[0].budget == Duration{});
}

TEST_CASE("decide: guided chunks shrink with what is left") {
  const Dealing dealing{Schedule::guided, std::nullopt, 2};
  CHECK(chunk_size(dealing, 1000, 1000, std::nullopt) == 250);
  CHECK(chunk_size(dealing, 1000, 100, std::nullopt) == 25);
  CHECK(chunk_size(dealing, 1000, 1, std::nullopt) == 1);
}

TEST_CASE("decide: long points go by the hundred at most, and one by one to the end") {
  const Dealing dealing{Schedule::automatic, std::nullopt, 2};
  CHECK(chunk_budget(dealing, 1'000'000, 2.0) == std::chrono::seconds(200));
  CHECK(chunk_budget(dealing, 80, 2.0) == std::chrono::seconds(10));
  CHECK(chunk_budget(dealing, 8, 2.0) == std::chrono::seconds(1));
  CHECK(chunk_size(dealing, 1000, 4, 2.0) == 1);
}

TEST_CASE("decide: short points go by the hundred thousand") {
  const Dealing dealing{Schedule::automatic, std::nullopt, 2};
  CHECK(chunk_budget(dealing, 100'000'000, 1e-6) == chunk_target);
  CHECK(chunk_budget(dealing, 100'000'000, 1e-3) == std::chrono::seconds(30));
  const uint64_t short_points = chunk_size(dealing, 100'000'000, 100'000'000, 1e-6);
  CHECK(short_points >= 50'000);
  CHECK(short_points <= 500'000);
}

TEST_CASE("decide: the tail of short points is not cut into crumbs") {
  CHECK(chunk_size({Schedule::guided, std::nullopt, 2}, 1'000'000, 100, 1e-6) == 5000);
  const Decision decision =
      decide(SweepState(100, {}), workers({0, 1}), {Schedule::guided, std::nullopt, 2}, 1e-6);
  REQUIRE(decision.assignments.size() == 1);
  CHECK(decision.assignments[0].chunk == Chunk{0, 100});
}

TEST_CASE("decide: kept points lie within chunks and do not count") {
  KeptPoints kept;
  for (const uint64_t index : {0, 3, 4, 8}) kept.add(index);
  const SweepState state(10, {}, kept);
  CHECK(state.done_points() == 4);
  const Decision decision = decide(state, workers({0, 1, 2}), {Schedule::dynamic, 3, 3}, std::nullopt);
  REQUIRE(decision.assignments.size() == 2);
  CHECK(decision.assignments[0].chunk == Chunk{1, 6});   // 1, 2, 5
  CHECK(decision.assignments[1].chunk == Chunk{6, 10});  // 6, 7, 9
}

TEST_CASE("decide: an attempt that ended with its worker is counted, a death is not") {
  SweepState state(10, {});
  REQUIRE(state.apply(Assigned{WorkerId{0}, 1, {0, 10}}));
  REQUIRE(state.apply(Lost{WorkerId{0}, 1, 2, 0, 2, true}));
  CHECK(decide(state, workers({0}), {}, std::nullopt).assignments.at(0).attempt == 2);
  REQUIRE(state.apply(Assigned{WorkerId{0}, 2, {2, 10}}));
  REQUIRE(state.apply(Lost{WorkerId{0}, 2, 2, 0, 2}));
  CHECK(state.waiting().at(2).deaths == 1);
  CHECK(decide(state, workers({0}), {}, std::nullopt).assignments.at(0).attempt == 2);
}

TEST_CASE("decide: nothing waits, nothing is dealt") {
  CHECK(decide(SweepState(2, {{0, 2}}), workers({0}), {}, std::nullopt).assignments.empty());
}
