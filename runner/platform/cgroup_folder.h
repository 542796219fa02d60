// Where the system shows the control group of this process: the files of a controller, in version 1 or 2 of
// cgroups(7). It does not know what the files mean.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sweepd {

enum class CgroupVersion { v1, v2 };

/// The folders from the highest group that is seen here down to this process's own, which is `top + group`.
/// Inside a container the group may be named from outside of what is mounted: then only the top is seen and
/// `group` is empty.
struct CgroupFolder {
  std::string top;
  std::string group;  ///< such as "/user.slice/session-1.scope"
};

/// Of the unified hierarchy (v2), or of that of `controller`, such as "cpu" (v1). None where there is none.
/// `root` stands before every path; for tests.
std::optional<CgroupFolder> cgroup_folder(CgroupVersion version, std::string_view controller,
                                          const std::string& root = "");

}  // namespace sweepd
