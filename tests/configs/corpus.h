// The sweep files, good and bad, that the reader, both YAML libraries and the JSON Schema are held to.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace sweepd {

/// Paths of the files in one folder of the corpus, in order.
inline std::vector<std::string> corpus(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(SWEEPD_SOURCE_DIR "/tests/configs/corpus/" + folder))
    files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace sweepd
