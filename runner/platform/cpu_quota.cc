#include "runner/platform/cpu_quota.h"

#include <algorithm>
#include <fstream>

#include "runner/platform/cgroup_folder.h"

namespace sweepd {
namespace {

/// The limit set on one group; there is none where the numbers are -1 or "max".
std::optional<double> limit_of(const std::string& folder, CgroupVersion version) {
  std::ifstream quota_file(folder + (version == CgroupVersion::v2 ? "/cpu.max" : "/cpu.cfs_quota_us"));
  double quota = 0;
  double period = 0;
  if (!(quota_file >> quota)) return std::nullopt;
  if (version == CgroupVersion::v2)
    quota_file >> period;
  else
    std::ifstream(folder + "/cpu.cfs_period_us") >> period;
  if (quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

std::optional<double> lower(std::optional<double> a, std::optional<double> b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}

std::optional<double> tightest(const std::string& root, CgroupVersion version) {
  const auto folder = cgroup_folder(version, "cpu", root);
  if (!folder) return std::nullopt;
  std::string group = folder->group;
  std::optional<double> limit = limit_of(folder->top, version);
  while (!group.empty() && group != "/") {
    limit = lower(limit, limit_of(folder->top + group, version));
    group.erase(std::min(group.rfind('/'), group.size()));
  }
  return limit;
}

}  // namespace

std::optional<double> cpu_quota(const std::string& root) {
  return lower(tightest(root, CgroupVersion::v2), tightest(root, CgroupVersion::v1));
}

}  // namespace sweepd
