// CpuSet: a set of the processor numbers that the operating system uses, with the text form of the kernel's
// lists. It knows nothing of which processors exist, nor of cores and nodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"

namespace sweepd {

/// Processor numbers lie below this: eight times the most that Linux can be built for (8192 on
/// x86 and arm64).
inline constexpr uint32_t max_processors = 65536;

/// One item of a list: first, first + stride, ... up to last. `3` is 3 to 3.
struct CpuRange {
  uint32_t first = 0;
  uint32_t last = 0;
  uint32_t stride = 1;
  friend bool operator==(const CpuRange&, const CpuRange&) = default;
};

/// Reads `0-3,8` and strides such as `0-15:2`, with blanks around items allowed, in the order written. Fails
/// on an empty text, on anything else than such items, on numbers from max_processors on, on a range that
/// runs backwards, on a stride of 0, and where the items name more than max_processors numbers in all.
Result<std::vector<CpuRange>> parse_cpu_ranges(std::string_view text);

/// A value: a bitmap as long as its largest number needs.
class CpuSet {
 public:
  class Iterator;

  CpuSet() = default;
  CpuSet(std::initializer_list<uint32_t> numbers);
  /// As parse_cpu_ranges(); a number may be named twice.
  static Result<CpuSet> parse(std::string_view text);

  /// `number` must lie below max_processors.
  void insert(uint32_t number);
  void insert(const CpuRange& range);
  void erase(uint32_t number);

  bool contains(uint32_t number) const;
  bool contains(const CpuSet& other) const;
  bool empty() const { return words_.empty(); }
  size_t count() const;
  /// The smallest number that is at least `from`.
  std::optional<uint32_t> next(uint32_t from = 0) const;

  CpuSet& operator|=(const CpuSet& other);
  CpuSet& operator&=(const CpuSet& other);
  CpuSet& operator-=(const CpuSet& other);
  friend CpuSet operator|(CpuSet a, const CpuSet& b) { return a |= b; }
  friend CpuSet operator&(CpuSet a, const CpuSet& b) { return a &= b; }
  friend CpuSet operator-(CpuSet a, const CpuSet& b) { return a -= b; }
  friend bool operator==(const CpuSet&, const CpuSet&) = default;

  /// As the kernel writes lists: `0-3,8`; empty for the empty set.
  std::string text() const;

  /// The numbers from the smallest on.
  Iterator begin() const;
  std::default_sentinel_t end() const { return {}; }

 private:
  void trim();

  std::vector<uint64_t> words_;  ///< bit b of word w is number 64 * w + b; the last word is never 0
};

/// Walks a CpuSet upwards; the set must live and stay unchanged meanwhile.
class CpuSet::Iterator {
 public:
  using value_type = uint32_t;
  using difference_type = std::ptrdiff_t;

  explicit Iterator(const CpuSet& set) : set_(&set), number_(set.next()) {}
  uint32_t operator*() const { return *number_; }
  Iterator& operator++() {
    number_ = set_->next(*number_ + 1);
    return *this;
  }
  void operator++(int) { ++*this; }
  friend bool operator==(const Iterator& it, std::default_sentinel_t) { return !it.number_; }

 private:
  const CpuSet* set_;
  std::optional<uint32_t> number_;
};

inline CpuSet::Iterator CpuSet::begin() const { return Iterator(*this); }

}  // namespace sweepd
