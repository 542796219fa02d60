#include "slurm/counts.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sweepd;

namespace {

using Counts = std::vector<uint32_t>;

std::string why_not(std::string_view text) {
  const Result<Counts> counts = parse_counts(text);
  REQUIRE_FALSE_MESSAGE(counts, text);
  return counts.error().message;
}

}  // namespace

TEST_CASE("counts: a number for each node, with repetitions written out") {
  CHECK(parse_counts("4").value() == Counts{4});
  CHECK(parse_counts("2,3").value() == Counts{2, 3});
  CHECK(parse_counts("72(x2),36").value() == Counts{72, 72, 36});
  CHECK(parse_counts("0(x1),1").value() == Counts{0, 1});
  CHECK(parse_counts("128(x100000)").value().size() == 100'000);
}

TEST_CASE("counts: what is malformed is refused, with its place") {
  CHECK(why_not("") == "a number is expected at its end");
  CHECK(why_not("4,") == "a number is expected at its end");
  CHECK(why_not("4,x") == "a number is expected at character 3");
  CHECK(why_not("-4") == "a number is expected at character 1");
  CHECK(why_not("4(x)") == "the number of nodes is expected at character 4");
  CHECK(why_not("4(x0)").starts_with("the number of nodes is expected"));
  CHECK(why_not("4(x2") == "a ')' is expected at its end");
  CHECK(why_not("4(2)") == "a comma is expected at character 2");
  CHECK(why_not("4 4") == "a comma is expected at character 2");
  CHECK(why_not("99999999999") == "a number is expected at character 1");
}

TEST_CASE("counts: they are bounded, whatever the text asks for") {
  CHECK(why_not("1(x100001)") == "it is for more than 100000 nodes");
  CHECK(why_not("1(x99999),1(x2)") == "it is for more than 100000 nodes");
  CHECK(why_not("1(x4294967295)") == "it is for more than 100000 nodes");
}
