#include "runner/platform/cpu_quota.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace sweepd;

namespace {

/// A made-up system under a folder of its own, removed at the end.
class FakeSystem {
 public:
  FakeSystem() {
    std::string name = (std::filesystem::temp_directory_path() / "sweepd-quota-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    root_ = name;
  }
  ~FakeSystem() { std::filesystem::remove_all(root_); }
  FakeSystem(const FakeSystem&) = delete;
  FakeSystem& operator=(const FakeSystem&) = delete;

  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
  }
  std::optional<double> quota() const { return cpu_quota(root_); }

 private:
  std::string root_;
};

constexpr const char* v2_mount =
    "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr const char* v1_mount = "31 24 0:27 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n";

}  // namespace

TEST_CASE("cpu quota: none where there are no control groups, or none with a limit") {
  const FakeSystem system;
  CHECK_FALSE(system.quota().has_value());
  system.write("/proc/self/mountinfo", v2_mount);
  system.write("/proc/self/cgroup", "0::/job\n");
  CHECK_FALSE(system.quota().has_value());
  system.write("/sys/fs/cgroup/job/cpu.max", "max 100000\n");
  CHECK_FALSE(system.quota().has_value());
}

TEST_CASE("cpu quota: the tightest group on the way up counts") {
  const FakeSystem system;
  system.write("/proc/self/mountinfo", v2_mount);
  system.write("/proc/self/cgroup", "0::/slice/job/step\n");
  system.write("/sys/fs/cgroup/slice/job/step/cpu.max", "400000 100000\n");
  system.write("/sys/fs/cgroup/slice/job/cpu.max", "max 100000\n");
  system.write("/sys/fs/cgroup/slice/cpu.max", "125000 50000\n");
  CHECK(system.quota() == 2.5);
}

TEST_CASE("cpu quota: version 1 has the quota and the period in two files, -1 for no limit") {
  const FakeSystem system;
  system.write("/proc/self/mountinfo", v1_mount);
  system.write("/proc/self/cgroup", "9:memory:/m\n3:cpu,cpuacct:/a/b\n");
  system.write("/cg/cpu/a/cpu.cfs_quota_us", "-1\n");
  system.write("/cg/cpu/a/cpu.cfs_period_us", "100000\n");
  CHECK_FALSE(system.quota().has_value());
  system.write("/cg/cpu/a/b/cpu.cfs_quota_us", "50000\n");
  system.write("/cg/cpu/a/b/cpu.cfs_period_us", "100000\n");
  CHECK(system.quota() == 0.5);
}

TEST_CASE("cpu quota: in a container the mounted group is the top") {
  const FakeSystem system;
  system.write("/proc/self/mountinfo", "30 24 0:26 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
  system.write("/proc/self/cgroup", "0::/docker/x\n");
  system.write("/sys/fs/cgroup/cpu.max", "300000 100000\n");
  CHECK(system.quota() == 3.0);
  system.write("/proc/self/cgroup", "0::/elsewhere\n");
  CHECK(system.quota() == 3.0);
}

TEST_CASE("cpu quota: files that hold nonsense mean no limit") {
  const FakeSystem system;
  system.write("/proc/self/mountinfo", std::string("rubbish\n - \n") + v2_mount);
  system.write("/proc/self/cgroup", "rubbish\n:\n0::/job\n");
  system.write("/sys/fs/cgroup/job/cpu.max", "200000\n");
  CHECK_FALSE(system.quota().has_value());
  system.write("/sys/fs/cgroup/job/cpu.max", "200000 0\n");
  CHECK_FALSE(system.quota().has_value());
}
