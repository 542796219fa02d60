#include "slurm/node_list.h"

#include <charconv>
#include <cstdint>

namespace sweepd {
namespace {

constexpr size_t max_text = 1 << 20;
constexpr size_t max_name = 255;     // host names are no longer
constexpr size_t max_digits = 18;    // such numbers fit 64 bits
constexpr size_t max_brackets = 16;  // more than any machine's coordinates

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return c > ' ' && c < 0x7f && c != ',' && c != '[' && c != ']'; }

std::string padded(uint64_t number, size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

uint64_t value_of(std::string_view digits) {
  uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// A name with brackets: what each place may hold, text as a list of one.
using Places = std::vector<std::vector<std::string>>;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::vector<std::string>> parse() {
    if (text_.size() > max_text) return failure("it is longer than a list of nodes can be");
    do {
      const Result<Places> places = parse_places();
      if (!places) return tl::unexpected(places.error());
      if (const Result<void> added = add_names(*places); !added) return tl::unexpected(added.error());
    } while (take(','));
    if (at_ != text_.size()) return wrong("a comma is expected");
    return std::move(names_);
  }

 private:
  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  tl::unexpected<Error> wrong(const std::string& what) const { return wrong_at(at_, what); }

  tl::unexpected<Error> wrong_at(size_t at, const std::string& what) const {
    return failure(what + (at == text_.size() ? " at its end" : " at character " + std::to_string(at + 1)));
  }

  Result<Places> parse_places() {
    Places places;
    const size_t begin = at_;
    size_t brackets = 0;
    while (at_ < text_.size() && (text_[at_] == '[' || is_name(text_[at_]))) {
      if (!take('[')) {
        places.push_back({take_text()});
        continue;
      }
      if (++brackets > max_brackets) return wrong("there are too many brackets in one name");
      Result<std::vector<std::string>> numbers = parse_bracket();
      if (!numbers) return tl::unexpected(numbers.error());
      places.push_back(std::move(*numbers));
    }
    if (at_ == begin) return wrong("a node's name is expected");
    if (at_ - begin > max_name && brackets == 0) return wrong("a name is longer than names can be");
    return places;
  }

  std::string take_text() {
    const size_t begin = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  Result<std::vector<std::string>> parse_bracket() {
    std::vector<std::string> numbers;
    do {
      if (const Result<void> range = parse_range(numbers); !range) return tl::unexpected(range.error());
    } while (take(','));
    if (!take(']')) return wrong("a ']' is expected");
    return numbers;
  }

  Result<void> parse_range(std::vector<std::string>& numbers) {
    const size_t begin = at_;
    const Result<std::string_view> first = parse_digits();
    if (!first) return tl::unexpected(first.error());
    Result<std::string_view> last = first;
    if (take('-')) last = parse_digits();
    if (!last) return tl::unexpected(last.error());
    const uint64_t low = value_of(*first);
    const uint64_t high = value_of(*last);
    if (high < low) return wrong_at(begin, "a range runs backwards");
    if (high - low >= max_nodes - numbers.size()) return too_many();
    for (uint64_t number = low; number <= high; ++number) numbers.push_back(padded(number, first->size()));
    return {};
  }

  Result<std::string_view> parse_digits() {
    const size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    if (at_ == begin) return wrong("a number is expected");
    if (at_ - begin > max_digits) return wrong("a number is too long");
    return text_.substr(begin, at_ - begin);
  }

  tl::unexpected<Error> too_many() const {
    return failure("it names more than " + std::to_string(max_nodes) + " nodes");
  }

  Result<void> add_names(const Places& places) {
    uint64_t count = 1;
    for (const std::vector<std::string>& place : places) {
      count *= place.size();  // both at most max_nodes
      if (count > max_nodes - names_.size()) return too_many();
    }
    for (uint64_t index = 0; index < count; ++index) names_.push_back(name_at(places, index));
    return {};
  }

  static std::string name_at(const Places& places, uint64_t index) {
    std::vector<const std::string*> parts(places.size());
    for (size_t place = places.size(); place-- > 0; index /= places[place].size())
      parts[place] = &places[place][index % places[place].size()];
    std::string name;
    for (const std::string* part : parts) name += *part;
    return name;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<std::string> names_;
};

// A name parted at its last number; `digits` is empty where it has none that a bracket could hold.
struct NumberedName {
  std::string_view before;
  std::string_view digits;
  std::string_view after;

  explicit NumberedName(std::string_view name) : before(name) {
    size_t end = name.size();
    while (end > 0 && !is_digit(name[end - 1])) --end;
    size_t begin = end;
    while (begin > 0 && is_digit(name[begin - 1])) --begin;
    if (begin == end || end - begin > max_digits) return;
    before = name.substr(0, begin);
    digits = name.substr(begin, end - begin);
    after = name.substr(end);
  }

  bool shares_bracket(const NumberedName& other) const {
    return !digits.empty() && !other.digits.empty() && before == other.before && after == other.after;
  }
};

// `3` or `01-03`, and where it ends: the numbers from `begin` on that follow each other in the same width.
std::string range_text(std::span<const NumberedName> names, size_t& begin) {
  const std::string_view first = names[begin].digits;
  uint64_t value = value_of(first);
  size_t end = begin + 1;
  while (end < names.size() && names[end].digits == padded(value + 1, first.size())) {
    ++value;
    ++end;
  }
  std::string text(first);
  if (end - begin > 1) (text += '-') += names[end - 1].digits;
  begin = end;
  return text;
}

std::string group_text(std::span<const NumberedName> names) {
  std::string inside;
  for (size_t at = 0; at < names.size();) {
    if (!inside.empty()) inside += ',';
    inside += range_text(names, at);
  }
  if (names.size() > 1) inside = '[' + inside + ']';
  return std::string(names[0].before) + inside + std::string(names[0].after);
}

}  // namespace

Result<std::vector<std::string>> parse_node_list(std::string_view text) { return Parser(text).parse(); }

std::string node_list_text(std::span<const std::string> names) {
  std::vector<NumberedName> parted;
  parted.reserve(names.size());
  for (const std::string& name : names) parted.emplace_back(name);
  std::string text;
  for (size_t begin = 0; begin < parted.size();) {
    size_t end = begin + 1;
    while (end < parted.size() && parted[end].shares_bracket(parted[begin])) ++end;
    if (!text.empty()) text += ',';
    text += group_text(std::span(parted).subspan(begin, end - begin));
    begin = end;
  }
  return text;
}

}  // namespace sweepd
