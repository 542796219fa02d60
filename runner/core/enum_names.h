// Names of enumerators, as sweep files, command lines and records have them. Beside an enum stands
//
//   constexpr std::string_view name_of(Schedule schedule) { switch (schedule) { case ...: return "auto"; ...
//   } }
//
// whose switch the compiler holds to be complete (-Wswitch). All else follows from it.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace sweepd {

/// The enumerators count from 0. One without a name has to be the last.
template <typename Enum>
constexpr size_t count_names() {
  size_t count = 0;
  while (!name_of(static_cast<Enum>(count)).empty()) ++count;
  return count;
}

/// By enumerator.
template <typename Enum>
inline constexpr auto enum_names = [] {
  std::array<std::string_view, count_names<Enum>()> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = name_of(static_cast<Enum>(i));
  return names;
}();

template <typename Enum>
constexpr std::optional<Enum> enum_of(std::string_view name) {
  for (size_t i = 0; i < enum_names<Enum>.size(); ++i)
    if (enum_names<Enum>[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace sweepd
