#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <thread>

#include "runner/engine/sweep_directory.h"
#include "runner/platform/patience.h"
#include "tests/engine/sweep_fixture.h"

namespace sweepd {
namespace {

constexpr const char* manifest_text =
    R"({"sweepd":"0.1.0","name":"s","file":"/s.yaml","task":{"kernel":"pi"},"points":3,"seed":0,"fingerprint":"f",)"
    R"("parameters":["n"],"complete":true,"ok":3,"failed":0,"sessions":[]})";

TEST_CASE(
    "manifest: one that shows cut short, as replaced on another host, is read again before it is called "
    "damaged") {
  const TemporaryFolder folder;
  const std::string path = folder / "manifest.json", whole = manifest_text;
  test::write_text(path, whole.substr(0, whole.size() / 2));
  std::thread other_host([&] {
    Patience pauses;
    for (int i = 0; i < 5; ++i) pauses.wait();
    test::write_text(path + ".new", whole);
    std::filesystem::rename(path + ".new", path);
  });
  const auto manifest = SweepDirectory(folder.path()).read_manifest();
  other_host.join();
  REQUIRE(manifest);
  REQUIRE(*manifest);
  CHECK((*manifest)->points == 3);
}

TEST_CASE("manifest: one that stays damaged is called so") {
  const TemporaryFolder folder;
  test::write_text(folder / "manifest.json", "{");
  const auto manifest = SweepDirectory(folder.path()).read_manifest();
  REQUIRE_FALSE(manifest);
  CHECK(manifest.error().text().find("manifest.json is damaged") != std::string::npos);
}

TEST_CASE("manifest: one that is not there is none, and no error") {
  const TemporaryFolder folder;
  const auto manifest = SweepDirectory(folder.path()).read_manifest();
  REQUIRE(manifest);
  CHECK_FALSE(*manifest);
}

}  // namespace
}  // namespace sweepd
