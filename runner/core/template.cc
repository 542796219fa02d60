#include "runner/core/template.h"

#include <utility>

#include "runner/core/json.h"

namespace sweepd {
namespace {

tl::unexpected<Error> at_byte(const char* what, size_t byte) {
  return failure(std::string(what) + " at byte " + std::to_string(byte) +
                 "; write {{ or }} for a brace itself");
}

}  // namespace

Result<Template> Template::parse(std::string_view text) {
  Template made;
  made.text_ = text;
  std::string literal;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '{' && c != '}') {
      literal += c;
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == c) {
      literal += c;
      ++i;
      continue;
    }
    if (c == '}') return at_byte("there is a } without its {", i);
    const size_t end = text.find_first_of("{}", i + 1);
    if (end == std::string_view::npos || text[end] == '{') return at_byte("there is a { without its }", i);
    if (end == i + 1) return at_byte("there is no name between the braces", i);
    if (!literal.empty()) made.pieces_.push_back({std::exchange(literal, {}), false});
    made.pieces_.push_back({std::string(text.substr(i + 1, end - i - 1)), true});
    i = end;
  }
  if (!literal.empty()) made.pieces_.push_back({std::move(literal), false});
  return made;
}

void Template::append(const Point& point, const Point& builtins, std::string& out) const {
  for (const Piece& piece : pieces_) {
    if (!piece.is_name) {
      out += piece.text;
      continue;
    }
    const Value* value = find(point, piece.text);
    if (value == nullptr) value = find(builtins, piece.text);
    if (value != nullptr) append_text(out, *value);
  }
}

std::vector<std::string_view> Template::names() const {
  std::vector<std::string_view> names;
  for (const Piece& piece : pieces_)
    if (piece.is_name) names.emplace_back(piece.text);
  return names;
}

}  // namespace sweepd
