#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <thread>

#include "runner/engine/manifest_json.h"
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

TEST_CASE(
    "manifest: one that shows not at all for a moment, as while it is replaced on another host, is waited "
    "for") {
  const TemporaryFolder folder;
  test::write_text(folder / "sweep.yaml", "");
  test::write_text(folder / "new", manifest_text);
  std::thread other_host([&] {
    Patience().wait();
    std::filesystem::rename(folder / "new", folder / "manifest.json");
  });
  const auto manifest = SweepDirectory(folder.path()).read_manifest();
  other_host.join();
  REQUIRE(manifest);
  CHECK(*manifest);
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

TEST_CASE("manifest: codes are read as they were written, whatever bytes their paths are made of") {
  Manifest manifest{.name = "s", .file = "/s.yaml", .task_text = "{}", .fingerprint = "f"};
  manifest.code = 2;
  manifest.codes = {{{}, 0},
                    {{{"data/*", "data/\xff.csv", 5, 6, 7, "0a"}, {"sh", "/bin/sh", 9, 8, 0, "0b"}}, 3}};
  const auto read = parse_manifest(sweepd::manifest_text(manifest));
  REQUIRE(read);
  CHECK(read->code == 2);
  REQUIRE(read->codes.size() == 2);
  CHECK(read->codes[1].points == 3);
  CHECK(changed_files(read->codes[1].files, manifest.codes[1].files).empty());
  CHECK(read->codes[1].files[0].path == "data/\xff.csv");
  CHECK(read->codes[1].files[0].changed_ns == 7);
}

TEST_CASE("manifest: one of an earlier version has no codes, and one with a number of none is damaged") {
  const std::string text = manifest_text;
  const auto with = [&text](const std::string& more) { return text.substr(0, text.size() - 1) + more + "}"; };
  CHECK(parse_manifest(text)->codes.empty());
  CHECK(parse_manifest(with(R"(,"code":1,"codes":[{"code":1,"points":3,"files":[]}])")));
  CHECK_FALSE(parse_manifest(with(R"(,"code":2,"codes":[{"code":1,"points":3,"files":[]}])")));
  CHECK_FALSE(parse_manifest(with(R"(,"codes":[{"code":1,"points":3,"files":[{"name":"a"}]}])")));
  CHECK_FALSE(parse_manifest(with(R"(,"codes":{})")));
  CHECK_FALSE(parse_manifest(with(R"(,"codes":[7])")));
}

}  // namespace
}  // namespace sweepd
