// What fails in an operation: a value with context, made once and shown once.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace sweepd {

/// A place in a text. Lines and columns count from 1; 0 means "not known".
struct SourcePosition {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
};

/// What went wrong and, after a semicolon, what to do about it.
struct Error {
  std::string message;
  SourcePosition where;
  /// It is for want of something (room on a disk, descriptors, processes, one of ours that was killed):
  /// nothing is wrong with the request, and the same command carries on.
  bool is_shortage = false;

  /// `FILE:LINE:COLUMN: message`, without the parts that are not known.
  std::string text() const;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> failure(std::string message, SourcePosition where = {}) {
  return tl::unexpected<Error>(Error{std::move(message), std::move(where)});
}

}  // namespace sweepd
