#include "runner/core/core_units.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace sweepd {

namespace {

uint64_t node_and_package(const CoreUnit& unit) { return uint64_t{unit.node} << 32 | unit.package; }
uint64_t nothing(const CoreUnit&) { return 0; }

std::vector<CoreUnit>::difference_type offset(size_t index) { return static_cast<std::ptrdiff_t>(index); }

/// Cuts groups of `size` out of the units of equal key; `units` keeps what is left over.
void cut(UnitKey key, uint32_t size, CoreUnits& units, std::vector<CoreUnits>& groups) {
  CoreUnits left;
  for (const CoreUnits& part : split_by(key, units)) {
    std::vector<CoreUnits> whole = groups_in_order(part, size);
    std::copy(part.begin() + offset(whole.size() * size), part.end(), std::back_inserter(left));
    std::move(whole.begin(), whole.end(), std::back_inserter(groups));
  }
  units = std::move(left);
}

/// How many groups each domain is shared by: one more always goes where the shares stay the largest.
std::vector<size_t> shares(const std::vector<CoreUnits>& domains, uint32_t count) {
  std::vector<size_t> share(domains.size(), 1);
  for (size_t given = domains.size(); given < count; ++given) {
    size_t best = 0;
    for (size_t d = 1; d < domains.size(); ++d)  // size/(share+1), compared without dividing
      if (domains[d].size() * (share[best] + 1) > domains[best].size() * (share[d] + 1)) best = d;
    ++share[best];
  }
  return share;
}

}  // namespace

CoreUnits hardware_threads(const CpuTopology& topology, const CpuSet& allowed) {
  CoreUnits units;
  for (const Processor& p : topology.processors)
    if (allowed.contains(p.number)) units.push_back({{p.number}, p.core, p.node, p.package});
  return units;
}

CoreUnits physical_cores(const CpuTopology& topology, const CpuSet& allowed) {
  CoreUnits units;
  std::unordered_map<uint32_t, size_t> place;
  for (CoreUnit& thread : hardware_threads(topology, allowed)) {
    const auto [found, is_new] = place.emplace(thread.core, units.size());
    if (is_new)
      units.push_back(std::move(thread));
    else
      units[found->second].cpus |= thread.cpus;
  }
  return units;
}

CpuSet cpus_of(const CoreUnits& units) {
  CpuSet cpus;
  for (const CoreUnit& unit : units) cpus |= unit.cpus;
  return cpus;
}

uint64_t node_of(const CoreUnit& unit) { return unit.node; }
uint64_t package_of(const CoreUnit& unit) { return unit.package; }

std::vector<CoreUnits> split_by(UnitKey key, const CoreUnits& units) {
  std::vector<CoreUnits> parts;
  std::unordered_map<uint64_t, size_t> place;
  for (const CoreUnit& unit : units) {
    const auto [found, is_new] = place.emplace(key(unit), parts.size());
    if (is_new) parts.emplace_back();
    parts[found->second].push_back(unit);
  }
  return parts;
}

std::vector<CoreUnits> groups_in_order(const CoreUnits& units, uint32_t size) {
  std::vector<CoreUnits> groups;
  for (size_t first = 0; units.size() - first >= size; first += size)
    groups.emplace_back(units.begin() + offset(first), units.begin() + offset(first + size));
  return groups;
}

std::vector<CoreUnits> groups_close_together(const CoreUnits& units, uint32_t size) {
  std::vector<CoreUnits> groups;
  CoreUnits left = units;
  // A node may span packages, and a package nodes: what is within both comes first.
  for (const UnitKey key : {node_and_package, node_of, package_of, nothing}) cut(key, size, left, groups);
  return groups;
}

std::vector<CoreUnits> groups_within(const std::vector<CoreUnits>& domains, uint32_t size) {
  std::vector<CoreUnits> groups;
  for (const CoreUnits& domain : domains) {
    std::vector<CoreUnits> whole = groups_in_order(domain, size);
    std::move(whole.begin(), whole.end(), std::back_inserter(groups));
  }
  return groups;
}

std::vector<CoreUnits> share_out(const std::vector<CoreUnits>& domains, uint32_t count) {
  if (count < domains.size()) return {domains.begin(), domains.begin() + offset(count)};
  std::vector<CoreUnits> groups;
  const std::vector<size_t> share = shares(domains, count);
  for (size_t d = 0; d < domains.size(); ++d) {
    const CoreUnits& domain = domains[d];
    for (size_t part = 0; part < share[d]; ++part)
      groups.emplace_back(domain.begin() + offset(domain.size() * part / share[d]),
                          domain.begin() + offset(domain.size() * (part + 1) / share[d]));
  }
  return groups;
}

}  // namespace sweepd
