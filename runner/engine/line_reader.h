// LineReader: the lines of a file, in one reused buffer. It does not know what the lines hold.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runner/core/error.h"
#include "runner/platform/unique_fd.h"

namespace sweepd {

/// Reads with read(), not by mapping: a file that another process cuts short must be an error, not a SIGBUS.
class LineReader {
 public:
  /// Of a longer line, and of a long one with a NUL in it, only the end is kept, behind a NUL: so it is no
  /// record, and what was left behind by a crash or put there by somebody takes no memory.
  static constexpr size_t max_line_bytes = size_t{256} << 20;
  /// This many bytes behind every line may be read (their values mean nothing), as simdjson needs it.
  static constexpr size_t padding = 64;

  LineReader();

  /// Begins the file at `path`, which must be trusted (runner/platform/trusted_file.h); the buffer of the
  /// file before is used again.
  Result<void> open(std::string path);

  bool is_open() const { return static_cast<bool>(fd_); }

  /// The next line that ends in a newline, without it; valid until the next call. False at the end
  /// and on failure.
  bool next(std::string_view& line);

  /// The bytes after the last newline, once next() has returned false.
  std::string_view tail() const { return {at_, static_cast<size_t>(end_ - at_)}; }

  /// The number of lines read so far, which is the last one's number counted from 1.
  uint64_t line_number() const { return line_number_; }
  /// Where in the file what follows the last line read begins.
  uint64_t next_offset() const { return next_offset_; }
  const std::string& path() const { return path_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  bool refill();
  ssize_t read_some(char* to, size_t room);
  void make_room();
  void drop_begun_line();

  std::string path_;
  UniqueFd fd_;
  size_t capacity_;
  std::unique_ptr<char[]> buffer_;
  const char* at_;
  const char* end_;
  uint64_t line_number_ = 0;
  uint64_t next_offset_ = 0;
  uint64_t dropped_ = 0;  ///< bytes of the begun line that are not kept
  std::optional<Error> error_;
};

}  // namespace sweepd
