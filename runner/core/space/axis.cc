#include "runner/core/space/axis.h"

#include <algorithm>
#include <cmath>

#include "runner/core/space/text_arena.h"

namespace sweepd {
namespace {

/// The smallest index below `size` at which `reached` holds; `size` where there is none.
template <typename Reached>
uint64_t first_index(uint64_t size, Reached reached) {
  uint64_t low = 0, high = size;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (reached(middle))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

}  // namespace

Result<void> check_name(std::string_view name, const SourcePosition& where) {
  if (name.empty()) return failure("a parameter has no name; give it one", where);
  constexpr size_t longest = 256;
  if (name.size() > longest)
    return failure("the name of a parameter is longer than 256 bytes; shorten it", where);
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == '{' || c == '}')
      return failure("the name of a parameter holds a brace or a control character; rename it", where);
  return {};
}

Rank GeneratedAxis::rank(uint64_t index) const {
  if (distinct()) return {};
  const Stretch stretch = find_value(value(index));
  return {index - stretch.first, stretch.last - stretch.first};
}

uint64_t GeneratedAxis::count(const Point& point) const {
  if (point.size() != 1 || point[0].name != name() || point[0].value.is_spelled()) return 0;
  const Stretch stretch = find_value(point[0].value);
  return stretch.last - stretch.first;
}

// A geometric sequence of 64-bit numbers with fractions shows one within 64 steps of either end, an
// arithmetic one within two.
bool GeneratedAxis::visit(std::string_view column, const Visit& visit) const {
  constexpr uint64_t shown = 64;
  if (column != name()) return true;
  for (uint64_t i = 0; i < std::min(size(), shown); ++i)
    if (!visit(value(i), where_)) return false;
  for (uint64_t i = std::max(shown, size() - std::min(size(), shown)); i < size(); ++i)
    if (!visit(value(i), where_)) return false;
  return true;
}

Stretch find_real(const GeneratedAxis& axis, const Value& wanted) {
  if (wanted.type() != ValueType::real || std::isnan(wanted.real())) return {};
  if (wanted.real() == 0 && std::signbit(wanted.real())) return {};
  const uint64_t size = axis.size();
  const double sign = axis.value(size - 1).real() < axis.value(0).real() ? -1.0 : 1.0;
  const double target = sign * wanted.real();
  const uint64_t first = first_index(size, [&](uint64_t i) { return sign * axis.value(i).real() >= target; });
  const uint64_t last = first_index(size, [&](uint64_t i) { return sign * axis.value(i).real() > target; });
  return {first, last};
}

}  // namespace sweepd
