// Bytes of strings, kept together at addresses that do not change.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "runner/core/value.h"

namespace sweepd {

/// Longer strings (and names) are refused.
inline constexpr size_t max_text_bytes = size_t{16} << 20;

class TextArena {
 public:
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    if (text.size() > left_) grow(text.size());
    char* kept = next_;
    std::memcpy(kept, text.data(), text.size());
    next_ += text.size();
    left_ -= text.size();
    return {kept, text.size()};
  }
  /// The value with a string's bytes kept here.
  Value keep(const Value& value) {
    return value.type() == ValueType::string ? Value::of(keep(value.string())) : value;
  }

 private:
  // Blocks double up to 1 MiB, so that a list of three words stays small.
  void grow(size_t wanted) {
    constexpr size_t largest = size_t{1} << 20;
    if (block_ < largest) block_ *= 2;
    left_ = wanted > block_ ? wanted : block_;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
    next_ = blocks_.back().get();
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_ = 64;
  char* next_ = nullptr;
  size_t left_ = 0;
};

}  // namespace sweepd
