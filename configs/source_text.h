// SourceText: the bytes of a file, found to be text that a YAML parser may see. Knows characters and lines,
// not YAML.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runner/core/error.h"

namespace sweepd {

class SourceText {
 public:
  /// Fails, with line and column, on what is not printable UTF-8: NUL and other control characters, invalid
  /// sequences, UTF-16, a carriage return without a line feed, and the line ends of which YAML 1.1 and 1.2
  /// think differently (U+0085, U+2028, U+2029). A byte order mark at the start is skipped. `text` must
  /// outlive the result.
  static Result<SourceText> check(std::string_view text, const std::string& file);

  /// Without byte order mark, and with lines that end in LF.
  std::string_view body() const { return rewritten_.empty() ? body_ : std::string_view(rewritten_); }
  /// One byte a character.
  bool is_ascii() const { return is_ascii_; }
  /// Numbers (from 1, rising) of the lines that have a tab before their first other character.
  const std::vector<uint32_t>& tabbed_lines() const { return tabbed_lines_; }
  bool is_tabbed(uint32_t line) const;

 private:
  std::string_view body_;
  std::string rewritten_;  ///< the body, where it had to be changed
  bool is_ascii_ = true;
  std::vector<uint32_t> tabbed_lines_;
};

}  // namespace sweepd
