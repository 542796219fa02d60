#include "configs/name_pattern.h"

#include <optional>

#include "runner/core/utf8.h"

namespace sweepd {
namespace {

/// Takes the first character off `text`, or a byte that is no UTF-8. `text` is not empty. The bytes of
/// characters have the order of their numbers.
std::string_view take_character(std::string_view& text) {
  size_t bad = 0;
  const size_t length = utf8_character(text, bad);
  const std::string_view character = text.substr(0, length > 0 ? length : 1);
  text.remove_prefix(character.size());
  return character;
}

/// Whether the set that begins `pattern` has `character`; takes the set off. None where it has no end: then
/// the bracket stands for itself.
std::optional<bool> take_set(std::string_view& pattern, std::string_view character) {
  std::string_view rest = pattern.substr(1);
  const bool is_negated = rest.starts_with('!') || rest.starts_with('^');
  rest.remove_prefix(is_negated ? 1 : 0);
  bool is_in = false;
  for (bool is_first = true; !rest.empty(); is_first = false) {
    if (rest[0] == ']' && !is_first) {
      pattern = rest.substr(1);
      return is_in != is_negated;
    }
    const std::string_view low = take_character(rest);
    std::string_view high = low;
    if (rest.size() >= 2 && rest[0] == '-' && rest[1] != ']')
      rest.remove_prefix(1), high = take_character(rest);
    is_in = is_in || (low <= character && character <= high);
  }
  return std::nullopt;
}

/// Whether the beginning of `pattern`, which is no star, matches the first character of `name`; takes both
/// off.
bool take_match(std::string_view& pattern, std::string_view& name) {
  if (pattern.empty()) return false;
  const std::string_view character = take_character(name);
  if (pattern[0] == '[')
    if (const std::optional<bool> is_in = take_set(pattern, character)) return *is_in;
  if (pattern[0] == '\\' && pattern.size() > 1) {
    pattern.remove_prefix(1);
  } else if (pattern[0] == '?') {
    pattern.remove_prefix(1);
    return true;
  }
  return take_character(pattern) == character;
}

}  // namespace

bool is_name_pattern(std::string_view pattern) {
  return pattern.find_first_of("*?[\\") != std::string_view::npos;
}

bool matches_name(std::string_view pattern, std::string_view name) {
  if (name.starts_with('.') && !pattern.starts_with('.')) return false;
  std::optional<std::string_view> behind_star;  // of the pattern
  std::string_view covered_to;                  // what is left of the name behind what that star takes
  while (!name.empty()) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      behind_star = pattern;
      covered_to = name;
    } else if (!take_match(pattern, name)) {
      if (!behind_star) return false;
      take_character(covered_to);
      pattern = *behind_star;
      name = covered_to;
    }
  }
  return pattern.find_first_not_of('*') == std::string_view::npos;
}

}  // namespace sweepd
