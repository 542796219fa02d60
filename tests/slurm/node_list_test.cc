#include "slurm/node_list.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace sweepd;

namespace {

using Names = std::vector<std::string>;

Names parse(std::string_view text) {
  const Result<Names> names = parse_node_list(text);
  REQUIRE_MESSAGE(names, text);
  return *names;
}

std::string why_not(std::string_view text) {
  const Result<Names> names = parse_node_list(text);
  REQUIRE_FALSE_MESSAGE(names, text);
  return names.error().message;
}

}  // namespace

TEST_CASE("node list: plain names, ranges and lists in brackets, in the order written") {
  CHECK(parse("login1") == Names{"login1"});
  CHECK(parse("b,a,b") == Names{"b", "a", "b"});
  CHECK(parse("n[01-03,7],gpu[1-2]-ib,login1") ==
        Names{"n01", "n02", "n03", "n7", "gpu1-ib", "gpu2-ib", "login1"});
  CHECK(parse("[3-4]") == Names{"3", "4"});
  CHECK(parse("node.cluster.example.org") == Names{"node.cluster.example.org"});
}

TEST_CASE("node list: leading zeros are kept, also past the next power of ten") {
  CHECK(parse("n[098-101]") == Names{"n098", "n099", "n100", "n101"});
  CHECK(parse("n[8-11]") == Names{"n8", "n9", "n10", "n11"});
  CHECK(parse("n[99-101]") == Names{"n99", "n100", "n101"});
  CHECK(parse("n[09-100]").back() == "n100");
  CHECK(parse("n[000]") == Names{"n000"});
}

TEST_CASE("node list: of several brackets in one name the last runs fastest") {
  CHECK(parse("r[1-2]n[0,2]x") == Names{"r1n0x", "r1n2x", "r2n0x", "r2n2x"});
  CHECK(parse("a[1-2][3-4]") == Names{"a13", "a14", "a23", "a24"});
}

TEST_CASE("node list: what is malformed is refused, with its place") {
  CHECK(why_not("n[1-") == "a number is expected at its end");
  CHECK(why_not("n[1") == "a ']' is expected at its end");
  CHECK(why_not("n[1;2]") == "a ']' is expected at character 4");
  CHECK(why_not("n[1,]") == "a number is expected at character 5");
  CHECK(why_not("n[]") == "a number is expected at character 3");
  CHECK(why_not("n[-3]") == "a number is expected at character 3");
  CHECK(why_not("n[1,5-3]") == "a range runs backwards at character 5");
  CHECK(why_not("n]") == "a comma is expected at character 2");
  CHECK(why_not("n1 n2") == "a comma is expected at character 3");
  CHECK(why_not("") == "a node's name is expected at its end");
  CHECK(why_not("a,") == "a node's name is expected at its end");
  CHECK(why_not(",a") == "a node's name is expected at character 1");
  CHECK(why_not("n\x1b[31m") == "a comma is expected at character 2");
  CHECK(why_not("n[1-2-3]") == "a ']' is expected at character 6");
  CHECK(why_not("n[1234567890123456789]") == "a number is too long at character 22");
}

TEST_CASE("node list: it is bounded, whatever the text asks for") {
  CHECK(parse("n[1-100000]").size() == max_nodes);
  CHECK(why_not("n[0-100000]") == "it names more than 100000 nodes");
  CHECK(why_not("n[0-999999999999999999]") == "it names more than 100000 nodes");
  CHECK(why_not("n[1-1000][1-1000]") == "it names more than 100000 nodes");
  CHECK(why_not("a[1-99999],b[1-2]") == "it names more than 100000 nodes");
  CHECK(why_not(std::string(300, 'n')) == "a name is longer than names can be at its end");
  CHECK(why_not(std::string(2 << 20, ',')) == "it is longer than a list of nodes can be");
  std::string brackets = "n";
  for (int i = 0; i < 1000; ++i) brackets += "[1]";
  CHECK(why_not(brackets).starts_with("there are too many brackets"));
}

TEST_CASE("node list: names are gathered into the short form") {
  CHECK(node_list_text(Names{"n1", "n2", "n3", "n5"}) == "n[1-3,5]");
  CHECK(node_list_text(Names{"n08", "n09", "n10", "n1"}) == "n[08-10,1]");
  CHECK(node_list_text(Names{"gpu1-ib", "gpu2-ib", "login"}) == "gpu[1-2]-ib,login");
  CHECK(node_list_text(Names{"a", "a"}) == "a,a");
  CHECK(node_list_text(Names{"n2", "n1"}) == "n[2,1]");
  CHECK(node_list_text(Names{}).empty());
}

TEST_CASE("node list: the short form gives the same names again") {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    Names names;
    for (size_t count = 1 + random() % 8; names.size() < count;) {
      std::string name = random() % 2 == 0 ? "n" : "rack1-";
      if (random() % 4 == 0) name += '0';
      if (random() % 6 != 0) name += std::to_string(95 + random() % 10);
      if (random() % 4 == 0) name += "-ib";
      names.push_back(name);
    }
    CHECK(parse(node_list_text(names)) == names);
  }
}
