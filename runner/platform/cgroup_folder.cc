#include "runner/platform/cgroup_folder.h"

#include <fstream>
#include <sstream>

namespace sweepd {
namespace {

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
std::optional<Mount> find_mount(CgroupVersion version, std::string_view controller, const std::string& root) {
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
    if (version == CgroupVersion::v2 ? type == "cgroup2" : type == "cgroup" && lists(options, controller))
      return mount;
  }
  return std::nullopt;
}

/// The path of this process's group, from the lines `NUMBER:CONTROLLERS:PATH`; version 2 has number 0
/// and no controllers.
std::optional<std::string> find_group(CgroupVersion version, std::string_view controller,
                                      const std::string& root) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string_view controllers = std::string_view(line).substr(first + 1, second - first - 1);
    if (version == CgroupVersion::v2 ? controllers.empty() : lists(controllers, controller))
      return line.substr(second + 1);
  }
  return std::nullopt;
}

bool is_within(std::string_view group, std::string_view outer) {
  return group.starts_with(outer) && (group.size() == outer.size() || group[outer.size()] == '/');
}

}  // namespace

std::optional<CgroupFolder> cgroup_folder(CgroupVersion version, std::string_view controller,
                                          const std::string& root) {
  const auto mount = find_mount(version, controller, root);
  auto group = find_group(version, controller, root);
  if (!mount || !group) return std::nullopt;
  if (mount->group != "/") {
    if (is_within(*group, mount->group))
      group->erase(0, mount->group.size());
    else
      group->clear();
  }
  if (*group == "/") group->clear();
  return CgroupFolder{root + mount->place, std::move(*group)};
}

}  // namespace sweepd
