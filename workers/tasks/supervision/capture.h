// Capture: what is kept of a stream of bytes, in bounded memory: its beginning and its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sweepd {

/// Keeps the first `head` and the last `tail` bytes of what is added. Its memory is used again after clear().
class Capture {
 public:
  Capture(size_t head, size_t tail) : head_limit_(head), tail_limit_(tail) {}

  void add(std::string_view bytes);
  void clear();

  uint64_t total() const { return total_; }
  bool is_cut() const { return total_ > head_limit_ + tail_limit_; }

  /// All that was added; where that is more than is kept, "\n[... N bytes cut ...]\n" stands for
  /// what is missing.
  std::string text() const;
  /// The beginning alone: all of it, unless is_cut() or there is a tail.
  std::string_view head() const { return head_; }

 private:
  void add_to_tail(std::string_view bytes);

  size_t head_limit_;
  size_t tail_limit_;
  std::string head_;
  std::string tail_;   ///< a ring once it is full
  size_t oldest_ = 0;  ///< where the ring begins
  uint64_t total_ = 0;
};

}  // namespace sweepd
