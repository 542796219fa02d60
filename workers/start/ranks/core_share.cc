#include "workers/start/ranks/core_share.h"

#include <algorithm>
#include <map>

#include "runner/core/core_units.h"

namespace sweepd {
namespace {

/// Ranks of one node, and all cpus that they may use.
struct Group {
  CpuSet cpus;
  std::vector<size_t> ranks;
};

/// Adds a rank, which may bring groups together that had nothing in common so far.
void add(std::vector<Group>& groups, size_t rank, const CpuSet& allowed) {
  Group joined{allowed, {rank}};
  std::erase_if(groups, [&](const Group& group) {
    if ((group.cpus & joined.cpus).empty()) return false;
    joined.cpus = joined.cpus | group.cpus;
    joined.ranks.insert(joined.ranks.end(), group.ranks.begin(), group.ranks.end());
    return true;
  });
  std::ranges::sort(joined.ranks);
  groups.push_back(std::move(joined));
}

}  // namespace

std::vector<CoreShare> share_cores(const std::vector<RankOffer>& offers) {
  std::map<std::string, std::vector<Group>> nodes;
  for (size_t rank = 0; rank < offers.size(); ++rank)
    add(nodes[offers[rank].node], rank, offers[rank].allowed);
  std::vector<CoreShare> shares(offers.size());
  for (const auto& [node, groups] : nodes)
    for (const Group& group : groups)
      for (size_t index = 0; index < group.ranks.size(); ++index)
        shares[group.ranks[index]] = {group.cpus, static_cast<uint32_t>(index),
                                      static_cast<uint32_t>(group.ranks.size())};
  return shares;
}

Result<CpuSet> cpus_of_share(const CpuTopology& topology, const CoreShare& share) {
  if (share.count == 1) return share.cpus;
  const CoreUnits cores = physical_cores(topology, share.cpus);
  if (cores.size() < share.count)
    return failure(std::to_string(share.count) + " ranks on this node have " + std::to_string(cores.size()) +
                   " cores between them (" + share.cpus.text() + "); start at most one rank a core");
  const auto bound = [&](uint32_t part) {
    return cores.begin() + static_cast<ptrdiff_t>(cores.size() * part / share.count);
  };
  return cpus_of({bound(share.index), bound(share.index + 1)});
}

uint32_t workers_of_rank(uint32_t count, uint32_t rank, uint32_t ranks) {
  const auto until = [&](uint64_t part) { return static_cast<uint32_t>(count * part / ranks); };
  return until(uint64_t{rank} + 1) - until(rank);
}

}  // namespace sweepd
