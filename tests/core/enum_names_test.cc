#include "runner/core/enum_names.h"

#include <doctest/doctest.h>

#include "runner/core/run_options.h"

using namespace sweepd;

TEST_CASE("enum names: each enumerator is found by its name, and nothing else is") {
  CHECK(enum_of<Schedule>("static") == Schedule::static_);
  CHECK(enum_of<Ranks>("per-core") == Ranks::per_core);
  CHECK(enum_of<ErrorKind>("lost") == ErrorKind::lost);
  CHECK(enum_of<Schedule>("") == std::nullopt);
  CHECK(enum_of<Schedule>("static_") == std::nullopt);
}

TEST_CASE("enum names: what has no name cannot be written") {
  CHECK(enum_names<PinUnit>.size() == 5);
  CHECK(enum_of<PinUnit>("list") == std::nullopt);
}
