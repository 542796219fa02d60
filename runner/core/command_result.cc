#include "runner/core/command_result.h"

#include <algorithm>

#include "runner/core/command_json.h"
#include "runner/core/json.h"
#include "runner/core/json_text.h"
#include "runner/core/utf8.h"

namespace sweepd {
namespace {

constexpr std::string_view white_space = " \t\r\n\v\f";

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

// Quoted and escaped, so that it stays on one line.
std::string snippet(std::string_view text) {
  constexpr size_t longest = 80;
  std::string valid;
  append_valid_utf8(text.substr(0, longest), valid);
  std::string quoted;
  append_json(quoted, std::string_view(valid));
  return text.size() > longest ? quoted + "..." : quoted;
}

tl::unexpected<Error> not_json(const JsonFault& fault, std::string_view text) {
  return failure("standard output is not JSON: " + fault.message + " of " + snippet(text) +
                 "; print one JSON value, begun on a line of its own, and nothing after it");
}

/// Progress that overwrites itself, "10%\r20%\r", is lines as well.
bool is_line_end(char c) { return c == '\n' || c == '\r'; }

bool is_one_line(std::string_view text) { return std::none_of(text.begin(), text.end(), is_line_end); }

/// `text` without the white space and byte order marks that it begins with.
std::string_view begun(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
    if (!text.starts_with(byte_order_mark)) return text;
    text.remove_prefix(byte_order_mark.size());
  }
}

/// From the line on that holds byte `at`, or from the second one where that is the first.
std::string_view lines_from(std::string_view text, size_t at) {
  while (at > 0 && !is_line_end(text[at - 1])) --at;
  if (at == 0) at = static_cast<size_t>(std::find_if(text.begin(), text.end(), is_line_end) - text.begin());
  return begun(text.substr(at));
}

}  // namespace

// A string in JSON holds no line's end. So of the lines of one value none begins another value that ends
// where it ends, and what is wrong at a byte of it is as wrong for the values inside: each byte is read once.
Result<bool> append_json_result(std::string_view output, std::string& out) {
  const size_t before = out.size();
  JsonFault fault;
  std::string_view meant;
  for (std::string_view text = begun(trimmed(output)); !text.empty();) {
    const bool is_list = text.front() == '{' || text.front() == '[';
    size_t wrong_at = 0;
    if (is_list || is_one_line(text)) {
      const auto taken = append_compact_json(text, out);
      if (taken) return *taken;
      out.resize(before);
      if (is_list || meant.empty()) fault = taken.error(), meant = text;
      // Else a number that stands on the last line of what is left of an object would pass for the result.
      if (is_list && fault.is_cut_off) break;
      wrong_at = taken.error().at;
    }
    text = lines_from(text, wrong_at);
  }
  if (!meant.empty()) return not_json(fault, meant);
  return failure("the command printed nothing on standard output; print one JSON value, or use result: none");
}

void append_text_result(std::string_view output, std::string& out) {
  std::string valid;
  append_valid_utf8(trimmed(output), valid);
  append_json(out, std::string_view(valid));
}

bool append_json_of_text_result(std::string_view text_result, std::string& out) {
  std::string text;
  append_unescaped(text, text_result.substr(1, text_result.size() - 2));
  constexpr std::string_view replaced = "\xEF\xBF\xBD";  // U+FFFD for what was no UTF-8, which JSON is not
  if (text.find(cut_ends) != std::string::npos || text.find(replaced) != std::string::npos) return false;
  return append_json_result(text, out).has_value();
}

}  // namespace sweepd
