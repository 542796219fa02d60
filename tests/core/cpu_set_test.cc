#include "runner/core/cpu_set.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace sweepd;

namespace {

CpuSet parsed(std::string_view text) {
  const auto set = CpuSet::parse(text);
  REQUIRE_MESSAGE(set.has_value(), text);
  return *set;
}

std::string problem(std::string_view text) {
  const auto set = CpuSet::parse(text);
  REQUIRE_MESSAGE(!set.has_value(), text);
  return set.error().message;
}

std::vector<uint32_t> numbers(const CpuSet& set) {
  std::vector<uint32_t> out;
  for (const uint32_t number : set) out.push_back(number);
  return out;
}

}  // namespace

TEST_CASE("cpu set: the kernel's lists are read and written back") {
  for (const char* text : {"0", "0-3,8", "5", "63-64", "0-127", "1,3,5,7", "0-1023,1025,4096-4100", "65535"})
    CHECK(parsed(text).text() == text);
  CHECK(CpuSet().text() == "");
}

TEST_CASE("cpu set: items may stand in any order, overlap and have blanks and strides") {
  CHECK(parsed("8, 0-2,1-3 \n").text() == "0-3,8");
  CHECK(parsed("0-15:2").text() == "0,2,4,6,8,10,12,14");
  CHECK(parsed("1-8:3").text() == "1,4,7");
  CHECK(parsed("3-4:4294967295").text() == "3");
}

TEST_CASE("cpu set: the order written is kept where it matters") {
  const auto ranges = parse_cpu_ranges("8,0-3,4-8:2");
  REQUIRE(ranges.has_value());
  CHECK(*ranges == std::vector<CpuRange>{{8, 8, 1}, {0, 3, 1}, {4, 8, 2}});
}

TEST_CASE("cpu set: what is not a list is refused with the item that is wrong") {
  CHECK(problem("") == "the processor list is empty; write numbers and ranges such as 0-3,8");
  CHECK(problem(" ") == problem(""));
  CHECK(problem("0,two").starts_with("\"two\" in the processor list is not a processor number"));
  for (const char* text : {"-1", "1-", "0-3-5", "1.5", "0x3", "1,,2", "1,", ",1", "1-2:", "1:2", "+1", "1 2",
                           "99999999999999999999", "0-3/2"})
    CHECK_MESSAGE(problem(text).find("is not a processor number or a range of them") != std::string::npos,
                  text);
  CHECK(problem("5-3").find("\"5-3\" in the processor list runs backwards") == 0);
  CHECK(problem("1-4:0").find("has a stride of 0") != std::string::npos);
}

TEST_CASE("cpu set: numbers and lists beyond all machines are refused before they take memory") {
  CHECK(problem("65536").find("is not below 65536") != std::string::npos);
  CHECK(problem("0-4294967295").find("is not below 65536") != std::string::npos);
  CHECK(problem("0-65535,0-65535").find("more than 65536 processors") != std::string::npos);
  CHECK(parsed("0-65535").count() == 65536);
  CHECK(problem(std::string(100000, 'x')).size() < 200);
}

TEST_CASE("cpu set: equal sets are equal however they came about") {
  CpuSet grown{0, 700};
  grown.erase(700);
  grown.erase(9);
  CHECK(grown == CpuSet{0});
  CHECK((CpuSet{0, 700} & CpuSet{0, 3}) == CpuSet{0});
  CHECK((CpuSet{700} - CpuSet{700}) == CpuSet());
  CHECK((CpuSet{700} - CpuSet{700}).empty());
}

TEST_CASE("cpu set: a set contains its parts and the empty set") {
  CHECK(CpuSet{0, 1, 700}.contains(CpuSet{0, 700}));
  CHECK(CpuSet{0}.contains(CpuSet()));
  CHECK_FALSE(CpuSet{0, 1}.contains(CpuSet{1, 700}));
}

TEST_CASE("cpu set: union, intersection, difference, count, order and text agree with std::set") {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const uint32_t limit = round % 2 == 0 ? 70 : 3000;
    std::set<uint32_t> a, b;
    CpuSet x, y;
    for (int i = 0; i < 40; ++i) {
      const auto in_a = static_cast<uint32_t>(random() % limit),
                 in_b = static_cast<uint32_t>(random() % limit);
      a.insert(in_a), x.insert(in_a), b.insert(in_b), y.insert(in_b);
    }
    std::vector<uint32_t> either, both, only;
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(either));
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
    CHECK(numbers(x | y) == either);
    CHECK(numbers(x & y) == both);
    CHECK(numbers(x - y) == only);
    CHECK(x.count() == a.size());
    CHECK(parsed(x.text()) == x);
    CHECK(x.contains(*a.begin()));
    CHECK_FALSE(x.contains(limit));
  }
}
