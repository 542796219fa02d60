// Muster: what the ranks tell each other before the sweep begins: who they are, what they may use, which
// sweep it is, and who can take part in it.
#pragma once

#include <string>
#include <vector>

#include "workers/start/ranks/core_share.h"
#include "workers/start/ranks/rank_link.h"

namespace sweepd {

/// Rank 0's word to another.
struct StaffOrder {
  std::string sweep_directory;  ///< absolute
  std::string staging;  ///< the run's own folder in it, absolute: who does not see it sees another directory
  std::string file;     ///< the sweep file's path
  std::string fingerprint;
  uint32_t code = 0;  ///< the number that records tell
  CoreShare share;
  Duration silence{};  ///< after which the other side is taken for dead
};

/// A rank's answer.
struct RankCrew {
  std::string host;
  std::vector<std::string> cpus;  ///< of each worker that is dealt points
  uint32_t gang_cores = 0;        ///< for members of gangs that rank 0 leads
};

/// What this process brings along. Names alone do not tell nodes apart: some are all called localhost.
RankOffer own_offer(CpuSet allowed);

/// Such as "rank 3 on n2".
std::string rank_text(uint32_t rank, const std::string& host);

/// Rank 0: waits for the others' offers. Fails, naming them, where some do not come.
Result<std::vector<RankOffer>> gather_offers(RankLink& link, const RankOffer& own);

/// Rank 0: sends an order to each other rank and waits for the crews; by rank, the first one empty. Fails
/// with the first rank that cannot take part, and why.
Result<std::vector<RankCrew>> staff_ranks(RankLink& link, const std::vector<StaffOrder>& orders,
                                          Duration limit);

/// Rank k: offers itself and waits for its order; none where the run ends without it.
std::optional<StaffOrder> await_order(RankLink& link, const RankOffer& own);
/// Rank k: says what its workers have, or why there are none, and waits for the number of the first one; none
/// where the run ends without it.
std::optional<uint32_t> await_start(RankLink& link, const std::string& host, const Result<RankCrew>& crew);
/// Rank 0: `first` is the number of the first worker of a rank.
void start_rank(RankLink& link, uint32_t rank, uint32_t first);

}  // namespace sweepd
