#include "slurm/call_budget.h"

#include <doctest/doctest.h>

using namespace sweepd;

TEST_CASE("call budget: at most one call a minute, counted from the last one made") {
  CallBudget budget;
  CHECK(budget.take(100));
  CHECK_FALSE(budget.take(100));
  CHECK_FALSE(budget.take(159.9));
  CHECK(budget.take(160));
  CHECK(budget.take(1000));
  CHECK_FALSE(budget.take(1059));
}
