// Muster: what the ranks tell each other before the sweep begins: who they are, what they may use, which
// sweep it is, and who can take part in it.
#pragma once

#include <string>
#include <vector>

#include "workers/start/ranks/core_share.h"
#include "workers/start/ranks/rank_link.h"
#include "workers/start/tickets.h"

namespace sweepd {

/// Rank 0's word to another.
struct StaffOrder {
  SweepTicket sweep;  ///< who does not see its staging folder sees another directory
  CoreShare share;
  Duration silence{};  ///< after which the other side is taken for dead
};

/// A rank's answer.
struct RankCrew {
  std::string host;
  std::vector<CpuSet> cpus{};  ///< of each worker that is dealt points
  uint32_t gang_cores = 0;     ///< for members of gangs that rank 0 leads
};

/// What this process brings along. Names alone do not tell nodes apart: some are all called localhost.
RankOffer own_offer(CpuSet allowed);

/// Such as "rank 3 on n2"; "rank 3" where its host is not known.
std::string rank_text(uint32_t rank, const std::string& host);

/// Rank 0: waits for the others' offers. Fails, naming them, where some do not come.
Result<std::vector<RankOffer>> gather_offers(RankLink& link, const RankOffer& own);

/// Rank 0: sends an order to each other rank and waits for the crews; by rank, the first one empty. Fails
/// with the first rank that cannot take part, and why.
Result<std::vector<RankCrew>> staff_ranks(RankLink& link, const std::vector<StaffOrder>& orders,
                                          Duration limit);

// What rank k awaits is none where the run ends without it, and fails where it cannot be read.

/// Rank k: offers itself and waits for its order.
Result<std::optional<StaffOrder>> await_order(RankLink& link, const RankOffer& own);
/// Rank k: says what its workers have, or why there are none, and waits for the first one's number in the
/// whole run.
Result<std::optional<WorkerId>> await_start(RankLink& link, const std::string& host,
                                            const Result<RankCrew>& crew);
/// Rank 0: `first` is the first worker of that rank.
void start_rank(RankLink& link, uint32_t rank, WorkerId first);

}  // namespace sweepd
