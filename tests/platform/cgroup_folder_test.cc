#include "runner/platform/cgroup_folder.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/temporary_folder.h"

using namespace sweepd;

namespace {

/// The folder that is found with these two files of /proc/self, without the made-up system's root.
std::string found(const std::string& mountinfo, const std::string& cgroup, CgroupVersion version) {
  const TemporaryFolder root;
  std::filesystem::create_directories(root / "proc/self");
  std::ofstream(root / "proc/self/mountinfo") << mountinfo;
  std::ofstream(root / "proc/self/cgroup") << cgroup;
  const auto folder = cgroup_folder(version, "memory", root.path());
  if (!folder) return "none";
  return folder->top.substr(root.path().size()) + ' ' + folder->group;
}

}  // namespace

TEST_CASE("cgroup folder: the group is found below where its hierarchy is mounted") {
  CHECK(found("30 24 0:26 / /cg rw - cgroup2 cgroup2 rw\n", "0::/job/step\n", CgroupVersion::v2) ==
        "/cg /job/step");
  CHECK(found("30 24 0:26 / /cg rw - cgroup2 cgroup2 rw\n", "0::/\n", CgroupVersion::v2) == "/cg ");
  CHECK(found("31 24 0:27 / /m rw - cgroup cgroup rw,memory\n", "4:memory:/job\n0::/\n", CgroupVersion::v1) ==
        "/m /job");
}

TEST_CASE("cgroup folder: of a mount that shows a part, only what is within it is seen") {
  const char* const part = "30 24 0:26 /job1 /cg rw - cgroup2 cgroup2 rw\n";
  CHECK(found(part, "0::/job1/step\n", CgroupVersion::v2) == "/cg /step");
  CHECK(found(part, "0::/job1\n", CgroupVersion::v2) == "/cg ");
  CHECK(found(part, "0::/job12/step\n", CgroupVersion::v2) == "/cg ");
}

TEST_CASE("cgroup folder: none where the hierarchy or the controller is not there") {
  CHECK(found("", "0::/\n", CgroupVersion::v2) == "none");
  CHECK(found("31 24 0:27 / /cpu rw - cgroup cgroup rw,cpu\n", "4:cpu:/\n", CgroupVersion::v1) == "none");
}
