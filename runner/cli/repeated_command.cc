#include "runner/cli/repeated_command.h"

#include <algorithm>

namespace sweepd {
namespace {

using Words = std::vector<std::string>;

bool is_for_once(const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  return name == "--fresh" || name == "--retry-failed" || name == "--rerun-changed";
}

Words without_what_is_for_once(Words::const_iterator begin, Words::const_iterator end, Words words) {
  std::remove_copy_if(begin, end, std::back_inserter(words), is_for_once);
  return words;
}

/// The first of the words that sbatch was given. A batch script's are not known, and those of a sweep file
/// that was submitted follow the path of its copy, which the system puts behind the words of the first line.
Words::const_iterator first_given(const RunRequest& request) {
  const auto end = request.command_line.end();
  if (request.copy.empty()) return end;
  const auto copy = std::find(request.command_line.begin(), end, request.copy);
  return copy == end ? end : copy + 1;
}

}  // namespace

Words carry_on_words(const RunRequest& request) {
  if (request.copy.empty())
    return without_what_is_for_once(request.command_line.begin(), request.command_line.end(), {"sweepd"});
  Words words = submitted_words(request);
  words.insert(words.begin(), "sbatch");
  return words;
}

Words submitted_words(const RunRequest& request) {
  return without_what_is_for_once(first_given(request), request.command_line.end(), {request.file});
}

bool would_start_anew(const RunRequest& request) {
  return std::any_of(request.command_line.begin(), first_given(request), is_for_once);
}

}  // namespace sweepd
