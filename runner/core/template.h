// `--x={x}`: text with places for a point's values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"
#include "runner/core/point.h"

namespace sweepd {

/// `{name}` is a place, `{{` and `}}` are braces.
class Template {
 public:
  /// Fails on an unbalanced brace and on an empty name, saying which byte (from 0).
  static Result<Template> parse(std::string_view text);

  /// Appends the text with every place filled: by the point's parameter of that name, else by `builtins`,
  /// else by nothing.
  void append(const Point& point, const Point& builtins, std::string& out) const;

  const std::string& text() const { return text_; }
  /// The names of the places, in order of appearance.
  std::vector<std::string_view> names() const;
  bool is_literal() const { return names().empty(); }

 private:
  struct Piece {
    std::string text;  ///< literal text or a name
    bool is_name;
  };
  std::string text_;
  std::vector<Piece> pieces_;
};

}  // namespace sweepd
