// Bytes of strings, kept together at addresses that do not change.
#pragma once

#include <algorithm>
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
    char* const kept = take(text.size());
    std::memcpy(kept, text.data(), text.size());
    return {kept, text.size()};
  }
  /// The value with its text or spelling kept here.
  Value keep(const Written& written) {
    const Value& value = written.value;
    if (written.spelling) return spelled(value, *written.spelling);
    if (value.is_spelled()) return spelled(value.without_spelling(), value.spelling());
    if (value.type() == ValueType::string) return Value::of(keep(value.string()));
    if (value.type() == ValueType::json) return Value::json(keep(value.json()));
    return value;
  }

 private:
  Value spelled(const Value& value, std::string_view spelling) {
    char* const block = take(Value::spelled_head + spelling.size());
    value.write_head(block);
    std::copy(spelling.begin(), spelling.end(), block + Value::spelled_head);  // may be of no bytes
    return Value::spelled(value, {block + Value::spelled_head, spelling.size()});
  }

  char* take(size_t size) {
    if (size > left_) grow(size);
    char* const taken = next_;
    next_ += size;
    left_ -= size;
    return taken;
  }

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
