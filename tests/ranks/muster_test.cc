// Ranks that do not understand each other.
#include "workers/start/ranks/muster.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "tests/ranks/switchboard.h"
#include "workers/start/ranks/rank_messages.h"

using namespace sweepd;

namespace {

/// Rank 0 and two more, in this process.
class Three {
 public:
  Three() {
    UniqueFd sockets[ranks];
    for (uint32_t rank = 0; rank < ranks; ++rank) sockets[rank] = board_.socket_of(rank);
    board_.begin();
    for (uint32_t rank = 0; rank < ranks; ++rank)
      links_[rank].emplace(*RankLink::join(std::move(sockets[rank]), {rank, ranks}));
  }
  RankLink& operator[](uint32_t rank) { return *links_[rank]; }

 private:
  Switchboard board_;
  std::optional<RankLink> links_[ranks];
};

void check_says_which_version(const Error& error, const std::string& who) {
  CHECK(error.message.find(who + ": its words cannot be read") == 0);
  CHECK(error.message.find("all ranks must be of one version of sweepd") != std::string::npos);
}

}  // namespace

TEST_CASE("muster: a rank whose offer has other members, or is no CBOR, is named") {
  for (const std::string_view offer : {"\xa1\x64node\x61n", "\xff"}) {
    Three three;
    three[2].send(0, rank_message(RankWord::offer, offer));
    const auto offers = gather_offers(three[0], {"here", {0}});
    REQUIRE_FALSE(offers);
    check_says_which_version(offers.error(), "rank 2");
  }
}

TEST_CASE("muster: a list of processors that is none cannot be read either") {
  Three three;
  three[1].send(0, rank_message(RankWord::offer, std::string_view("\xa2\x64node\x61n\x67"
                                                                  "allowed\x61x")));
  const auto offers = gather_offers(three[0], {"here", {0}});
  REQUIRE_FALSE(offers);
  check_says_which_version(offers.error(), "rank 1");
}

TEST_CASE("muster: a rank that cannot read its order fails") {
  Three three;
  three[0].send(1, rank_message(RankWord::staff, std::string_view("\xa0")));
  const auto order = await_order(three[1], {"there", {0}});
  REQUIRE_FALSE(order);
  check_says_which_version(order.error(), "rank 0");
}
