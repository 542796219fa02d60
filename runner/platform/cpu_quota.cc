#include "runner/platform/cpu_quota.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>

namespace sweepd {

namespace {

enum class Version { v1, v2 };

bool lists(std::string_view comma_separated, std::string_view wanted) {
  std::istringstream items{std::string(comma_separated)};
  for (std::string item; std::getline(items, item, ',');)
    if (item == wanted) return true;
  return false;
}

/// Where a hierarchy is mounted, and which of its groups is seen there.
struct Mount {
  std::string group;
  std::string place;
};

/// From mountinfo(5): `36 35 98:0 GROUP PLACE OPTIONS ... - TYPE SOURCE SUPER_OPTIONS`.
std::optional<Mount> find_mount(const std::string& root, Version version) {
  std::ifstream file(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    std::istringstream head(line.substr(0, dash));
    std::istringstream tail(line.substr(dash + 3));
    std::string skipped, type, options;
    Mount mount;
    head >> skipped >> skipped >> skipped >> mount.group >> mount.place;
    tail >> type >> skipped >> options;
    if (version == Version::v2 ? type == "cgroup2" : type == "cgroup" && lists(options, "cpu")) return mount;
  }
  return std::nullopt;
}

/// The path of this process's group, from the lines `NUMBER:CONTROLLERS:PATH`; version 2 has number 0
/// and no controllers.
std::optional<std::string> find_group(const std::string& root, Version version) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string_view controllers = std::string_view(line).substr(first + 1, second - first - 1);
    if (version == Version::v2 ? controllers.empty() : lists(controllers, "cpu"))
      return line.substr(second + 1);
  }
  return std::nullopt;
}

/// The limit set on one group; there is none where the numbers are -1 or "max".
std::optional<double> limit_of(const std::string& folder, Version version) {
  std::ifstream quota_file(folder + (version == Version::v2 ? "/cpu.max" : "/cpu.cfs_quota_us"));
  double quota = 0;
  double period = 0;
  if (!(quota_file >> quota)) return std::nullopt;
  if (version == Version::v2)
    quota_file >> period;
  else
    std::ifstream(folder + "/cpu.cfs_period_us") >> period;
  if (quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

std::optional<double> lower(std::optional<double> a, std::optional<double> b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}

std::optional<double> tightest(const std::string& root, Version version) {
  const auto mount = find_mount(root, version);
  auto group = find_group(root, version);
  if (!mount || !group) return std::nullopt;
  // Inside a container the group may be named from outside what is mounted here: then only the top is seen.
  if (mount->group != "/") {
    if (group->starts_with(mount->group))
      group->erase(0, mount->group.size());
    else
      group->clear();
  }
  const std::string top = root + mount->place;
  std::optional<double> limit = limit_of(top, version);
  while (!group->empty() && *group != "/") {
    limit = lower(limit, limit_of(top + *group, version));
    group->erase(std::min(group->rfind('/'), group->size()));
  }
  return limit;
}

}  // namespace

std::optional<double> cpu_quota(const std::string& root) {
  return lower(tightest(root, Version::v2), tightest(root, Version::v1));
}

}  // namespace sweepd
