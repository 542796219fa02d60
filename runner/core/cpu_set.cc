#include "runner/core/cpu_set.h"

#include <algorithm>
#include <bit>
#include <charconv>

namespace sweepd {

namespace {

constexpr uint32_t word_bits = 64;
constexpr uint64_t bit_of(uint32_t number) { return uint64_t{1} << (number % word_bits); }

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

tl::unexpected<Error> bad_item(std::string_view item, const std::string& reason) {
  constexpr size_t shown = 40;
  std::string quoted(item.substr(0, shown));
  if (item.size() > shown) quoted += "...";
  return failure("\"" + quoted + "\" in the processor list " + reason +
                 "; write numbers and ranges such as 0-3,8");
}

/// Takes a number off the front of `text`; false where there is none or it is too large for 32 bits.
bool take_number(std::string_view& text, uint32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

Result<CpuRange> parse_item(std::string_view item) {
  std::string_view rest = item;
  CpuRange range;
  bool good = take_number(rest, range.first);
  range.last = range.first;
  if (good && take(rest, '-')) {
    good = take_number(rest, range.last);
    if (good && take(rest, ':')) good = take_number(rest, range.stride);
  }
  if (!good || !rest.empty()) return bad_item(item, "is not a processor number or a range of them");
  if (range.last < range.first) return bad_item(item, "runs backwards");
  if (range.stride == 0) return bad_item(item, "has a stride of 0");
  if (range.last >= max_processors)
    return bad_item(item,
                    "is not below " + std::to_string(max_processors) + ", the limit for processor numbers");
  return range;
}

}  // namespace

Result<std::vector<CpuRange>> parse_cpu_ranges(std::string_view text) {
  if (without_blanks(text).empty())
    return failure("the processor list is empty; write numbers and ranges such as 0-3,8");
  std::vector<CpuRange> ranges;
  uint64_t total = 0;
  for (bool more = true; more;) {
    const size_t comma = text.find(',');
    more = comma != std::string_view::npos;
    const Result<CpuRange> range = parse_item(without_blanks(text.substr(0, comma)));
    if (!range) return tl::unexpected(range.error());
    if (more) text.remove_prefix(comma + 1);
    total += (range->last - range->first) / range->stride + 1;
    if (total > max_processors)
      return failure("the processor list names more than " + std::to_string(max_processors) +
                     " processors; name each once");
    ranges.push_back(*range);
  }
  return ranges;
}

CpuSet::CpuSet(std::initializer_list<uint32_t> numbers) {
  for (const uint32_t number : numbers) insert(number);
}

Result<CpuSet> CpuSet::parse(std::string_view text) {
  return parse_cpu_ranges(text).map([](const std::vector<CpuRange>& ranges) {
    CpuSet set;
    for (const CpuRange& range : ranges) set.insert(range);
    return set;
  });
}

void CpuSet::insert(uint32_t number) {
  const size_t word = number / word_bits;
  if (word >= words_.size()) words_.resize(word + 1);
  words_[word] |= bit_of(number);
}

void CpuSet::insert(const CpuRange& range) {
  for (uint64_t number = range.first; number <= range.last; number += range.stride)
    insert(static_cast<uint32_t>(number));
}

void CpuSet::erase(uint32_t number) {
  if (!contains(number)) return;
  words_[number / word_bits] &= ~bit_of(number);
  trim();
}

bool CpuSet::contains(uint32_t number) const {
  const size_t word = number / word_bits;
  return word < words_.size() && (words_[word] & bit_of(number)) != 0;
}

bool CpuSet::contains(const CpuSet& other) const { return (other - *this).empty(); }

size_t CpuSet::count() const {
  size_t total = 0;
  for (const uint64_t word : words_) total += static_cast<size_t>(std::popcount(word));
  return total;
}

std::optional<uint32_t> CpuSet::next(uint32_t from) const {
  uint64_t mask = ~uint64_t{0} << (from % word_bits);
  for (size_t word = from / word_bits; word < words_.size(); ++word, mask = ~uint64_t{0})
    if (const uint64_t bits = words_[word] & mask; bits != 0)
      return static_cast<uint32_t>(word * word_bits) + static_cast<uint32_t>(std::countr_zero(bits));
  return std::nullopt;
}

CpuSet& CpuSet::operator|=(const CpuSet& other) {
  words_.resize(std::max(words_.size(), other.words_.size()));
  for (size_t word = 0; word < other.words_.size(); ++word) words_[word] |= other.words_[word];
  return *this;
}

CpuSet& CpuSet::operator&=(const CpuSet& other) {
  words_.resize(std::min(words_.size(), other.words_.size()));
  for (size_t word = 0; word < words_.size(); ++word) words_[word] &= other.words_[word];
  trim();
  return *this;
}

CpuSet& CpuSet::operator-=(const CpuSet& other) {
  const size_t common = std::min(words_.size(), other.words_.size());
  for (size_t word = 0; word < common; ++word) words_[word] &= ~other.words_[word];
  trim();
  return *this;
}

std::string CpuSet::text() const {
  std::string out;
  for (auto first = next(); first;) {
    uint32_t last = *first;
    while (contains(last + 1)) ++last;
    if (!out.empty()) out += ',';
    out += std::to_string(*first);
    if (last != *first) out += '-' + std::to_string(last);
    first = next(last + 1);
  }
  return out;
}

void CpuSet::trim() {
  while (!words_.empty() && words_.back() == 0) words_.pop_back();
}

}  // namespace sweepd
