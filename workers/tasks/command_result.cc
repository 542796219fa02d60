#include "workers/tasks/command_result.h"

#include "runner/core/json.h"
#include "runner/core/utf8.h"
#include "workers/tasks/command_json.h"

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
                 "; print one JSON value, as a whole or as the last line");
}

}  // namespace

Result<bool> append_json_result(std::string_view output, std::string& out) {
  const std::string_view whole = trimmed(output);
  if (whole.empty())
    return failure(
        "the command printed nothing on standard output; print one JSON value, or use result: none");
  const size_t before = out.size();
  const auto as_whole = append_compact_json(whole, out);
  if (as_whole) return *as_whole;
  out.resize(before);
  const bool is_meant_whole = whole.front() == '{' || whole.front() == '[';
  // Else a number that stands on the last line of what is left of an object would pass for the result.
  if (is_meant_whole && as_whole.error().is_cut_off) return not_json(as_whole.error(), whole);
  const std::string_view last_line = whole.substr(whole.find_last_of('\n') + 1);
  const auto as_line = append_compact_json(last_line, out);
  if (as_line) return *as_line;
  out.resize(before);
  return is_meant_whole ? not_json(as_whole.error(), whole) : not_json(as_line.error(), last_line);
}

void append_text_result(std::string_view output, std::string& out) {
  std::string valid;
  append_valid_utf8(trimmed(output), valid);
  append_json(out, std::string_view(valid));
}

}  // namespace sweepd
