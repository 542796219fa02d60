#include "configs/nearest_name.h"

#include <algorithm>

namespace sweepd {
namespace {

constexpr size_t longest_compared = 64;

size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last, last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    before_last = std::move(last);
    last = row;
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& known) {
  std::string_view best;
  if (name.size() > longest_compared) return best;
  size_t least = name.size() / 3 + 2;
  for (const std::string_view candidate : known) {
    if (candidate.size() > longest_compared) continue;
    const size_t far = distance(name, candidate);
    if (far < least && far < candidate.size()) least = far, best = candidate;
  }
  return best;
}

std::string suggestion(std::string_view name, const std::vector<std::string_view>& known) {
  const std::string_view near = nearest_name(name, known);
  if (!near.empty()) return "; did you mean '" + std::string(near) + "'?";
  if (known.empty() || known.size() > 24) return {};
  std::string text = known.size() == 1 ? "; known is " : "; known are ";
  for (size_t i = 0; i < known.size(); ++i)
    text.append(i == 0 ? "" : i + 1 == known.size() ? " and " : ", ").append(known[i]);
  return text;
}

}  // namespace sweepd
