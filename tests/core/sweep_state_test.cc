#include "runner/core/sweep_state.h"

#include <doctest/doctest.h>

#include <array>

#include "runner/core/decide.h"

using namespace sweepd;

namespace {

/// [0, 10) waiting, or with worker 0 on [0, 4).
SweepState fresh() { return {10, {}}; }
SweepState running() {
  SweepState state = fresh();
  REQUIRE(state.apply(Assigned{WorkerId{0}, 1, {0, 4}}));
  return state;
}

/// Worker 0 on [0, 4) of ten points, of which [0, 3) and [3, 5) are this run's.
SweepState sharing() {
  SweepState state = running();
  REQUIRE(state.apply(Shared{{{0, 3}, {3, 5}}}));
  return state;
}

}  // namespace

TEST_CASE("state: what is done already does not wait") {
  const SweepState state(10, {{6, 8}, {0, 2}});
  CHECK(state.done_points() == 4);
  CHECK(state.waiting_points() == 6);
  REQUIRE(state.waiting().size() == 2);
  CHECK(state.waiting().at(2).chunk == Chunk{2, 6});
  CHECK(state.waiting().at(8).chunk == Chunk{8, 10});
}

TEST_CASE("state: an assigned chunk runs and the rest of its range waits") {
  const SweepState state = running();
  CHECK(state.running_points() == 4);
  CHECK(state.waiting_points() == 6);
  REQUIRE(state.running(WorkerId{0}).has_value());
  CHECK(state.running(WorkerId{0})->chunk == Chunk{0, 4});
  CHECK(state.waiting().at(4).chunk == Chunk{4, 10});
}

TEST_CASE("state: a chunk ended early leaves its rest waiting") {
  SweepState state = running();
  REQUIRE(state.apply(Finished{WorkerId{0}, 1, 3, 1}));
  CHECK(state.done_points() == 3);
  CHECK(state.failed_points() == 1);
  CHECK(state.waiting().at(3).chunk == Chunk{3, 4});
  CHECK_FALSE(state.waiting().at(3).careful);
}

TEST_CASE("state: every event in every phase changes the state or is refused without a trace") {
  struct Case {
    const char* phase;
    SweepState state;
    SweepEvent event;
    bool accepted;
  };
  SweepState done = running();
  REQUIRE(done.apply(Finished{WorkerId{0}, 1, 4, 0}));
  SweepState condemned = running();
  REQUIRE(condemned.apply(Lost{WorkerId{0}, 1, 0, 0, 0}));
  REQUIRE(condemned.apply(Assigned{WorkerId{0}, 2, {0, 4}}));
  REQUIRE(condemned.apply(Lost{WorkerId{0}, 2, 0, 0, 0}));
  const std::vector<Case> cases = {
      {"waiting", fresh(), Assigned{WorkerId{0}, 1, {0, 4}}, true},
      {"waiting", fresh(), Assigned{WorkerId{0}, 1, {0, 0}}, false},
      {"waiting", fresh(), Assigned{WorkerId{0}, 1, {0, 11}}, false},
      {"waiting", fresh(), Assigned{WorkerId{0}, 1, {3, 4}}, false},
      {"waiting", fresh(), Finished{WorkerId{0}, 1, 4, 0}, false},
      {"waiting", fresh(), Lost{WorkerId{0}, 1, 0, 0, {}}, false},
      {"waiting", fresh(), Condemned{0}, true},
      {"running", running(), Assigned{WorkerId{1}, 2, {0, 4}}, false},
      {"running", running(), Assigned{WorkerId{0}, 2, {4, 5}}, false},
      {"running", running(), Finished{WorkerId{0}, 1, 4, 0}, true},
      {"running, earlier lease", running(), Finished{WorkerId{0}, 0, 4, 0}, false},
      {"running, beyond its end", running(), Finished{WorkerId{0}, 1, 5, 0}, false},
      {"running", running(), Lost{WorkerId{0}, 1, 2, 0, 2}, true},
      {"running, earlier lease", running(), Lost{WorkerId{0}, 0, 2, 0, 2}, false},
      {"running", running(), Condemned{0}, false},
      {"done", done, Assigned{WorkerId{0}, 2, {0, 4}}, false},
      {"done", done, Finished{WorkerId{0}, 1, 4, 0}, false},
      {"done", done, Lost{WorkerId{0}, 1, 4, 0, {}}, false},
      {"done", done, Condemned{0}, false},
      {"condemned", condemned, Condemned{0}, true},
      {"alone", running(), Shared{{{0, 4}}}, true},
      {"alone", running(), Shared{{{0, 11}}}, false},
      {"alone", running(), Shared{{{4, 6}, {0, 4}}}, false},
      {"alone", running(), Claimed{{4, 6}, {}}, false},
      {"sharing", sharing(), Shared{{{0, 3}}}, true},
      {"sharing", sharing(), Shared{{{0, 6}}}, false},
      {"sharing", sharing(), Claimed{{5, 8}, {}}, true},
      {"sharing", sharing(), Claimed{{5, 8}, {{5, 8}}}, true},
      {"sharing", sharing(), Claimed{{4, 8}, {}}, false},
      {"sharing", sharing(), Claimed{{2, 3}, {}}, false},
      {"sharing", sharing(), Claimed{{8, 11}, {}}, false},
      {"sharing", sharing(), Claimed{{7, 7}, {}}, false},
      {"sharing", sharing(), Condemned{4}, true},
      {"sharing, left to others", sharing(), Condemned{5}, false},
      {"sharing, left to others", sharing(), Assigned{WorkerId{1}, 2, {5, 6}}, false},
      {"sharing", sharing(), Assigned{WorkerId{1}, 2, {4, 5}}, true},
      {"sharing", sharing(), Finished{WorkerId{0}, 1, 2, 0}, true},
  };
  for (Case test : cases) {
    CAPTURE(test.phase);
    CAPTURE(test.event.index());
    const auto counts = [&state = test.state] {
      return std::array{state.waiting_points(), state.running_points(), state.done_points()};
    };
    const auto before = counts();
    CHECK(test.state.apply(test.event) == test.accepted);
    CHECK((counts() != before) == test.accepted);
    uint64_t own = 0;
    for (uint64_t index = 0; index < 10; ++index) own += test.state.owns(index) ? 1 : 0;
    CHECK(counts()[0] + counts()[1] + counts()[2] == own);
  }
}

TEST_CASE("state: a point that kills two workers is condemned, and its neighbours run on") {
  SweepState state = fresh();
  for (uint64_t lease = 1; lease <= deaths_to_condemn; ++lease) {
    const uint64_t first = lease == 1 ? 0 : 2;
    REQUIRE(state.apply(Assigned{WorkerId{0}, lease, {first, 4}}));
    REQUIRE(state.apply(Lost{WorkerId{0}, lease, 2, 0, 2}));
  }
  const Decision decision = decide(state, {WorkerId{0}}, {.workers = 1}, std::nullopt);
  CHECK(decision.condemned == std::vector<uint64_t>{2});
  REQUIRE(state.apply(Condemned{2}));
  CHECK(state.failed_points() == 1);
  CHECK(state.waiting().at(3).chunk == Chunk{3, 4});
  CHECK_FALSE(state.waiting().at(3).condemned());
}

TEST_CASE("state: a death with another point in hand than the first missing one is nobody's fault") {
  SweepState state = running();
  REQUIRE(state.apply(Lost{WorkerId{0}, 1, 1, 0, 3}));
  CHECK(state.waiting().at(1).deaths == 0);
  CHECK(state.waiting().at(1).careful);
}

TEST_CASE(
    "state: shared, nothing waits but in the ranges that stay, and no chunk crosses from one to the next") {
  SweepState state(10, {{8, 9}});
  REQUIRE(state.apply(Assigned{WorkerId{0}, 1, {0, 4}}));
  REQUIRE(state.apply(Shared{{{0, 3}, {3, 6}, {8, 10}}}));
  CHECK(state.running_points() == 4);
  CHECK(state.done_points() == 1);
  REQUIRE(state.waiting().size() == 2);
  CHECK(state.waiting().at(4).chunk == Chunk{4, 6});
  CHECK(state.waiting().at(9).chunk == Chunk{9, 10});
  REQUIRE(state.apply(Finished{WorkerId{0}, 1, 2, 0}));
  CHECK(state.done_points() == 3);
  CHECK(state.waiting().at(2).chunk == Chunk{2, 3});
  CHECK(state.waiting().at(3).chunk == Chunk{3, 4});
}

TEST_CASE("state: what a chunk leaves of a range that others have taken does not wait here") {
  SweepState state(10, {});
  REQUIRE(state.apply(Assigned{WorkerId{0}, 1, {0, 4}}));
  REQUIRE(state.apply(Shared{{{0, 2}, {2, 4}}}));
  REQUIRE(state.apply(Shared{{{0, 2}}}));
  CHECK(state.running_points() == 2);
  REQUIRE(state.apply(Lost{WorkerId{0}, 1, 1, 0, 1}));
  CHECK(state.waiting_points() == 1);
  CHECK(state.waiting().at(1).deaths == 1);
  CHECK(state.done_points() == 1);
}

TEST_CASE("state: a claimed range waits but for what is done in it, kept points and what still runs there") {
  KeptPoints kept;
  kept.add(5);
  SweepState state(10, {}, kept);
  REQUIRE(state.apply(Assigned{WorkerId{0}, 1, {0, 2}}));
  REQUIRE(state.apply(Shared{{}}));
  CHECK(state.waiting_points() == 0);
  CHECK(state.done_points() == 1);
  REQUIRE(state.apply(Claimed{{4, 8}, {{4, 5}}}));
  CHECK(state.waiting().at(6).chunk == Chunk{6, 8});
  CHECK(state.done_points() == 2);
  REQUIRE(state.apply(Claimed{{0, 4}, {{3, 4}}}));
  CHECK(state.waiting().at(2).chunk == Chunk{2, 3});
  CHECK(state.running_points() == 2);
  REQUIRE(state.apply(Finished{WorkerId{0}, 1, 2, 0}));
  CHECK(state.done_points() == 5);
  CHECK(state.waiting_points() == 3);
}
