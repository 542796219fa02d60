// A fuzz target's main program where there is no libFuzzer: runs the files given, and those in the folders
// given, once each. The name of the last file it tells is the one that a failure belongs to.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/target.h"

namespace {

std::vector<std::string> files_of(const std::string& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int count, char** arguments) {
  int runs = 0;
  for (int i = 1; i < count; ++i) {
    for (const std::string& file : files_of(arguments[i])) {
      std::cout << file << std::endl;
      const std::string text = bytes_of(file);
      // A copy of the exact size, so that a sanitizer sees every byte read behind it.
      const std::vector<uint8_t> bytes(text.begin(), text.end());
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
      ++runs;
    }
  }
  std::cout << "cases: " << runs << " passed, 0 failed, 0 skipped\n";
  return runs > 0 ? 0 : 1;
}
