#include "runner/core/program_seeds.h"

#include <doctest/doctest.h>

#include <limits>

#include "runner/core/builtins.h"
#include "runner/core/json.h"

using namespace sweepd;

TEST_CASE("seeds: those of programs are within what programs take, whatever the point's is") {
  const uint64_t most = std::numeric_limits<uint64_t>::max();
  for (const uint64_t seed :
       {uint64_t{0}, uint64_t{1}, uint64_t{2} * 899'999'998, uint64_t{2} * 899'999'999, most / 2, most}) {
    CAPTURE(seed);
    CHECK(program_seed64(seed) >= 0);
    CHECK(program_seed(seed) >= 1);
    CHECK(program_seed(seed) <= 899'999'999);
  }
  CHECK(program_seed(uint64_t{2} * 899'999'998) == 899'999'999);
  CHECK(program_seed(uint64_t{2} * 899'999'999) == 1);
}

// Computed with Python: s >> 1 and 1 + (s >> 1) % 899999999.
TEST_CASE("seeds: those of programs are the same in every version") {
  CHECK(program_seed64(0x0123456789abcdef) == 40992764608243447);
  CHECK(program_seed(0x0123456789abcdef) == 253790964);
  CHECK(program_seed64(18446744073709551615u) == 9223372036854775807);
  CHECK(program_seed(18446744073709551615u) == 402966971);
}

TEST_CASE("builtins: there is a value for every name that a command may use") {
  const Point builtins = builtins_of(7, "0123", 18446744073709551615u, 2, 1);
  REQUIRE(builtins.size() == std::size(builtin_names));
  std::string text;
  for (const std::string_view name : builtin_names) {
    REQUIRE(find(builtins, name) != nullptr);
    append_text(text, *find(builtins, name));
    text += ' ';
  }
  CHECK(text == "7 0123 402966971 9223372036854775807 2 1 ");
}
