#include "runner/engine/point_watch.h"

#include <doctest/doctest.h>

using namespace sweepd;
using namespace std::chrono_literals;

namespace {

WorkerProgress running(uint64_t index, Duration for_so_long) {
  return {.lease = 1, .in_hand = index, .in_hand_for = for_so_long};
}

}  // namespace

TEST_CASE("point watch: a point's time adds up from look to look") {
  PointWatch watch;
  CHECK(watch.look(WorkerId{0}, running(7, 60ms), 100ms) == 60ms);  // began since the last look
  CHECK(watch.look(WorkerId{0}, running(7, 160ms), 100ms) == 160ms);
  CHECK(watch.look(WorkerId{1}, running(8, 10ms), 100ms) == 10ms);
  CHECK(watch.look(WorkerId{0}, running(9, 5ms), 100ms) == 5ms);
}

TEST_CASE("point watch: an hour in which everything was stopped counts as one look") {
  PointWatch watch;
  watch.look(WorkerId{0}, running(7, 100ms), 100ms);
  CHECK(watch.look(WorkerId{0}, running(7, 1h), 1h) == 100ms + PointWatch::longest_gap);
}

TEST_CASE("point watch: another attempt begins anew") {
  PointWatch watch;
  watch.look(WorkerId{0}, running(7, 100ms), 100ms);
  watch.look(WorkerId{0}, running(7, 200ms), 100ms);
  CHECK(watch.look(WorkerId{0}, running(7, 30ms), 100ms) == 30ms);
}
