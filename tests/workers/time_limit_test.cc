#include "workers/tasks/supervision/time_limit.h"

#include <doctest/doctest.h>

using namespace sweepd;
using namespace std::chrono_literals;

TEST_CASE("time limit: it is over when its time has gone by, however that is cut into waits") {
  TimeLimit limit(2500ms, 100s);
  limit.advance_to(100s + 900ms);
  limit.advance_to(100s + 901ms);
  limit.advance_to(102s);
  CHECK_FALSE(limit.is_over());
  CHECK(limit.next_slice() == 500ms);
  limit.advance_to(102s + 500ms);
  CHECK(limit.is_over());
  CHECK(limit.next_slice() == 0ms);
}

TEST_CASE("time limit: no wait is longer than a slice") {
  CHECK(TimeLimit(1h, 0s).next_slice() == TimeLimit::longest_slice);
  CHECK(TimeLimit(10ms, 0s).next_slice() == 10ms);
}

TEST_CASE("time limit: time in which this process was stopped does not count") {
  TimeLimit limit(3s, 0s);
  limit.advance_to(1s);
  limit.advance_to(1h);  // stopped for almost all of it
  CHECK_FALSE(limit.is_over());
  CHECK(limit.next_slice() == 1s);
  limit.advance_to(1h + 1s);
  CHECK(limit.is_over());
}

TEST_CASE("time limit: being late by less than a slice counts") {
  TimeLimit limit(2s, 0s);
  limit.advance_to(2s);
  CHECK(limit.is_over());
}
