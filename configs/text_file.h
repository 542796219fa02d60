// Files of text that a person names: how they are opened, and how much of them is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runner/core/error.h"

namespace sweepd {

/// The most that is read of a kind of file. Nothing without a known end fills the memory.
struct FileLimit {
  std::string_view kind;  ///< as messages name it
  uint64_t bytes;
  uint64_t stream_bytes = 0;  ///< of a pipe or a device; 0: they are refused, as what has to be read again
};
inline constexpr FileLimit sweep_file_limit{"sweep files", uint64_t{1} << 30, uint64_t{64} << 20};
/// Of those that are held in memory as a whole (JSON, YAML), and of those read row by row (CSV, NDJSON).
inline constexpr FileLimit whole_points_limit{"points files in JSON or YAML", uint64_t{1} << 30};
inline constexpr FileLimit points_limit{"points files", uint64_t{4} << 30};

class TextFile {
 public:
  /// Fails on what is missing, unreadable, a directory, too large, or a pipe or device where none is taken.
  static Result<TextFile> open(const std::string& path, const FileLimit& limit);
  ~TextFile();
  TextFile(TextFile&& other) noexcept;
  TextFile& operator=(TextFile&&) = delete;

  /// As the file system tells it; 0 where it does not know.
  uint64_t size() const { return size_; }
  /// Appends what comes next, at most `most` bytes; none at the end. Fails past the limit.
  Result<size_t> read(std::string& text, size_t most);

 private:
  TextFile(std::string path, int descriptor, const FileLimit& limit);

  std::string path_;
  int descriptor_;
  FileLimit limit_;
  uint64_t most_ = 0;
  uint64_t size_ = 0;
  uint64_t read_ = 0;
};

/// All that is left of the file, but for what follows a NUL byte by a good deal: no text has one.
Result<std::string> read_text(TextFile& file);
Result<std::string> read_text_file(const std::string& path, const FileLimit& limit);

}  // namespace sweepd
