#include "configs/nearest_name.h"

#include <doctest/doctest.h>

namespace sweepd {
namespace {

TEST_CASE("nearest name: slips of the finger are recognised") {
  const std::vector<std::string_view> known = {"name", "task", "parameters", "limits"};
  CHECK(nearest_name("paramters", known) == "parameters");
  CHECK(nearest_name("parmaeters", known) == "parameters");
  CHECK(nearest_name("tsak", known) == "task");
  CHECK(nearest_name("limit", known) == "limits");
}

TEST_CASE("nearest name: what is not near is not offered") {
  CHECK(nearest_name("colour", {"name", "task"}).empty());
  CHECK(nearest_name("x", {"y"}).empty());
  CHECK(nearest_name(std::string(100'000, 'a'), {"aaaa"}).empty());
}

TEST_CASE("nearest name: where nothing is near, the known names are told") {
  CHECK(suggestion("colour", {"pi", "scaling"}) == "; known are pi and scaling");
  CHECK(suggestion("scalin", {"pi", "scaling"}) == "; did you mean 'scaling'?");
  CHECK(suggestion("x", {}).empty());
}

}  // namespace
}  // namespace sweepd
