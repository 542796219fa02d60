// A sweep directory with this process's staging folder in it, and runs beside it that others have left.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "runner/engine/chunk_store.h"
#include "runner/engine/staging.h"
#include "runner/engine/sweep_directory.h"
#include "runner/platform/process_identity.h"
#include "tests/temporary_folder.h"

namespace sweepd::test {

inline SweepDirectory entered(const std::string& path) {
  SweepDirectory directory(path);
  // What is there already, such as claims, is part of a sweep.
  const std::string made[] = {path + "/manifest.json", path + "/sweep.yaml"};
  for (const std::string& file : made) std::ofstream(file, std::ios::app);
  const auto in = directory.enter();
  REQUIRE_MESSAGE(in, in.error().text());
  for (const std::string& file : made)
    if (std::filesystem::is_empty(file)) std::filesystem::remove(file);
  return directory;
}

inline void set_age(const std::string& path, long silent_s) {
  const timespec then[2] = {{time(nullptr) - silent_s, 0}, {time(nullptr) - silent_s, 0}};
  REQUIRE(utimensat(AT_FDCWD, path.c_str(), then, 0) == 0);
}

/// The folder of a run whose process is gone, if `host` is this one's, or cannot be seen.
inline std::string plant_run(const std::string& directory, const std::string& token, const std::string& host,
                             long silent_s) {
  const RunIdentity run{.host = host,
                        .pid = 1 << 29,  // more than there can be
                        .start_ticks = 1,
                        .pid_space = pid_space(),
                        .slurm_job = "7",
                        .since = "2026-11-22T15:56:14Z",
                        .token = token};
  const std::string folder = staging_path(directory, token);
  std::filesystem::create_directory(folder);
  std::ofstream(folder + "/run") << run.text();
  set_age(folder + "/run", silent_s);
  return folder;
}

/// A sweep directory that this process takes part in.
class Place {
 public:
  Place() { std::filesystem::create_directory(directory_.chunks()); }
  const SweepDirectory& directory() const { return directory_; }
  /// chunks/
  std::string path() const { return directory_.chunks(); }
  std::string operator/(const std::string& name) const { return path() + '/' + name; }
  ChunkStore store() const {
    auto store = ChunkStore::open(directory_, {});
    REQUIRE(store);
    return std::move(*store);
  }

 private:
  TemporaryFolder folder_;
  SweepDirectory directory_ = test::entered(folder_.path());
};

}  // namespace sweepd::test
