#include "slurm/counts.h"

#include <charconv>
#include <optional>
#include <string>

#include "slurm/node_list.h"

namespace sweepd {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool ended() const { return at_ == text_.size(); }

  bool take(std::string_view expected) {
    if (!text_.substr(at_).starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }

  std::optional<uint32_t> take_number() {
    uint32_t number = 0;
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), number);
    if (error != std::errc()) return std::nullopt;
    at_ += static_cast<size_t>(end - begin);
    return number;
  }

  tl::unexpected<Error> wrong(const std::string& what) const {
    return failure(what + (ended() ? " at its end" : " at character " + std::to_string(at_ + 1)));
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<std::vector<uint32_t>> parse_counts(std::string_view text) {
  std::vector<uint32_t> counts;
  Reader reader(text);
  do {
    const std::optional<uint32_t> count = reader.take_number();
    if (!count) return reader.wrong("a number is expected");
    std::optional<uint32_t> times = 1;
    if (reader.take("(x")) {
      times = reader.take_number();
      if (!times || *times == 0) return reader.wrong("the number of nodes is expected");
      if (!reader.take(")")) return reader.wrong("a ')' is expected");
    }
    if (*times > max_nodes - counts.size())
      return failure("it is for more than " + std::to_string(max_nodes) + " nodes");
    counts.insert(counts.end(), *times, *count);
  } while (reader.take(","));
  if (!reader.ended()) return reader.wrong("a comma is expected");
  return counts;
}

}  // namespace sweepd
