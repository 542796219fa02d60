#include "runner/core/sweep_state.h"

#include <doctest/doctest.h>

#include "runner/core/decide.h"

using namespace sweepd;

namespace {

/// [0, 10) waiting, or with worker 0 on [0, 4).
SweepState fresh() { return {10, {}}; }
SweepState running() {
  SweepState state = fresh();
  REQUIRE(state.apply(Assigned{0, 1, {0, 4}}));
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
  REQUIRE(state.running(0).has_value());
  CHECK(state.running(0)->chunk == Chunk{0, 4});
  CHECK(state.waiting().at(4).chunk == Chunk{4, 10});
}

TEST_CASE("state: a chunk ended early leaves its rest waiting") {
  SweepState state = running();
  REQUIRE(state.apply(Finished{0, 1, 3, 1}));
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
  REQUIRE(done.apply(Finished{0, 1, 4, 0}));
  SweepState condemned = running();
  REQUIRE(condemned.apply(Lost{0, 1, 0, 0, 0}));
  REQUIRE(condemned.apply(Assigned{0, 2, {0, 4}}));
  REQUIRE(condemned.apply(Lost{0, 2, 0, 0, 0}));
  const std::vector<Case> cases = {
      {"waiting", fresh(), Assigned{0, 1, {0, 4}}, true},
      {"waiting", fresh(), Assigned{0, 1, {0, 0}}, false},
      {"waiting", fresh(), Assigned{0, 1, {0, 11}}, false},
      {"waiting", fresh(), Assigned{0, 1, {3, 4}}, false},
      {"waiting", fresh(), Finished{0, 1, 4, 0}, false},
      {"waiting", fresh(), Lost{0, 1, 0, 0, {}}, false},
      {"waiting", fresh(), Condemned{0}, true},
      {"running", running(), Assigned{1, 2, {0, 4}}, false},
      {"running", running(), Assigned{0, 2, {4, 5}}, false},
      {"running", running(), Finished{0, 1, 4, 0}, true},
      {"running, earlier lease", running(), Finished{0, 0, 4, 0}, false},
      {"running, beyond its end", running(), Finished{0, 1, 5, 0}, false},
      {"running", running(), Lost{0, 1, 2, 0, 2}, true},
      {"running, earlier lease", running(), Lost{0, 0, 2, 0, 2}, false},
      {"running", running(), Condemned{0}, false},
      {"done", done, Assigned{0, 2, {0, 4}}, false},
      {"done", done, Finished{0, 1, 4, 0}, false},
      {"done", done, Lost{0, 1, 4, 0, {}}, false},
      {"done", done, Condemned{0}, false},
      {"condemned", condemned, Condemned{0}, true},
  };
  for (Case test : cases) {
    CAPTURE(test.phase);
    CAPTURE(test.event.index());
    const uint64_t waiting = test.state.waiting_points(), done_points = test.state.done_points();
    CHECK(test.state.apply(test.event) == test.accepted);
    const bool changed = test.state.waiting_points() != waiting || test.state.done_points() != done_points ||
                         test.state.running_points() != 10 - waiting - done_points;
    CHECK(changed == test.accepted);
    CHECK(test.state.waiting_points() + test.state.running_points() + test.state.done_points() == 10);
  }
}

TEST_CASE("state: a point that kills two workers is condemned, and its neighbours run on") {
  SweepState state = fresh();
  for (uint64_t lease = 1; lease <= deaths_to_condemn; ++lease) {
    const uint64_t first = lease == 1 ? 0 : 2;
    REQUIRE(state.apply(Assigned{0, lease, {first, 4}}));
    REQUIRE(state.apply(Lost{0, lease, 2, 0, 2}));
  }
  const Decision decision = decide(state, {0}, {.workers = 1}, std::nullopt);
  CHECK(decision.condemned == std::vector<uint64_t>{2});
  REQUIRE(state.apply(Condemned{2}));
  CHECK(state.failed_points() == 1);
  CHECK(state.waiting().at(3).chunk == Chunk{3, 4});
  CHECK_FALSE(state.waiting().at(3).condemned());
}

TEST_CASE("state: a death with another point in hand than the first missing one is nobody's fault") {
  SweepState state = running();
  REQUIRE(state.apply(Lost{0, 1, 1, 0, 3}));
  CHECK(state.waiting().at(1).deaths == 0);
  CHECK(state.waiting().at(1).careful);
}
